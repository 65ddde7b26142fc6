module github.com/libexpclip/libexpclip/examples/go

go 1.24

require github.com/libexpclip/libexpclip/bindings/go v0.0.0

replace github.com/libexpclip/libexpclip/bindings/go => ../../bindings/go
