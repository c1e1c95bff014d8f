(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection '("tunesmith" "lsp"))
                    :activation-fn (lsp-activate-on "python")
                    :add-on? t
                    :server-id 'tunesmith)))
