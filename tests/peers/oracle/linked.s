// A function without a body, which value_files.go links, needs a file of assembly in its package.
