module github.com/libexpclip/libexpclip/bindings/go

go 1.24
