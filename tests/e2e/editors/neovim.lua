vim.lsp.config("tunesmith", {
  cmd = { "tunesmith", "lsp" },
  filetypes = { "python" },
  root_markers = { "pyproject.toml", ".git" },
})
vim.lsp.enable("tunesmith")
vim.api.nvim_create_autocmd("LspAttach", {
  callback = function(event)
    vim.lsp.inlay_hint.enable(true, { bufnr = event.buf })
    if vim.lsp.inline_completion then -- Neovim 0.12
      vim.lsp.inline_completion.enable(true, { bufnr = event.buf })
      vim.keymap.set("i", "<C-l>", vim.lsp.inline_completion.get, { buffer = event.buf })
    end
  end,
})
vim.api.nvim_create_autocmd({ "LspAttach", "BufEnter", "InsertLeave" }, {
  pattern = "*.py",
  callback = function(event) vim.lsp.codelens.refresh({ bufnr = event.buf }) end,
})
