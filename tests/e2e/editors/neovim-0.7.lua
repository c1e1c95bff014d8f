vim.api.nvim_create_autocmd("FileType", {
  pattern = "python",
  callback = function(event)
    local marker = vim.fn.findfile("pyproject.toml", vim.fn.expand("%:p:h") .. ";")
    local client = vim.lsp.start_client({
      name = "tunesmith",
      cmd = { "tunesmith", "lsp" },
      root_dir = marker ~= "" and vim.fn.fnamemodify(marker, ":p:h") or vim.fn.getcwd(),
      on_attach = function(_, buffer)
        vim.lsp.codelens.refresh()
        vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave" }, {
          buffer = buffer,
          callback = function() vim.lsp.codelens.refresh() end,
        })
      end,
    })
    vim.lsp.buf_attach_client(event.buf, client)
  end,
})
