;; Does what a user does: waits for the code action on a line, picks it, saves. Tells it as JSON.  -*- lexical-binding: t -*-
(require 'lsp-mode)
(require 'json)

(setq lsp-auto-guess-root t
      lsp-guess-root-without-session t
      lsp-session-file (expand-file-name "session" (getenv "SCRATCH"))
      lsp-restart 'ignore
      make-backup-files nil)

(defun wait-until (what holds)
  (with-timeout (60 (error "There was no %s" what))
    (while (not (funcall holds))
      (accept-process-output nil 0.05))))

(find-file (getenv "OPENED"))
(python-mode)
(lsp)
(wait-until "session" (lambda () (seq-some (lambda (one) (eq 'initialized (lsp--workspace-status one))) (lsp-workspaces))))
(goto-char (point-min))
(search-forward (getenv "LINE"))
(let* ((actions (lsp-code-actions-at-point))
       (titles (mapcar #'lsp:code-action-title actions))
       (chosen (seq-find (lambda (one) (string-search (getenv "ACTION") (lsp:code-action-title one))) actions))
       (before (buffer-chars-modified-tick)))
  (lsp-execute-code-action chosen)
  (wait-until "edit" (lambda () (/= before (buffer-chars-modified-tick))))
  (save-buffer)
  (let ((left (lsp-code-actions-at-point)))
    (with-temp-file (getenv "TOLD")
      (insert (json-encode `((actions . ,(vconcat titles))
                             (left . ,(vconcat (mapcar #'lsp:code-action-title left)))))))))
