// SPDX-License-Identifier: MIT

package expclip

import (
	"image"
	"image/draw"
	"io"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Image is one image: File, Bytes, Reader, Image, RGB, ... make one.
type Image struct {
	source  string
	options ImageOptions
	isCrop  bool // of a face that was found
	give    func(to sink, o raw.Expclip_image_options, failure []int32) (int,
		error)
}

// sink is what an image is given to: a batch, or a detector.
type sink interface {
	file(path string, o raw.Expclip_image_options, failure []int32) int
	bytes(data []byte, o raw.Expclip_image_options, failure []int32) int
	pixels(p pixels, o raw.Expclip_image_options, failure []int32) int
	crop(c crop, failure []int32) (int, error)
}

// pixels are raw ones, as C takes them.
type pixels struct {
	data                          []byte
	width, height, stride, layout int
}

// ImageOptions say how an image is read.
type ImageOptions struct {
	// Box is the face in pixels, after an EXIF turn; empty = the whole image.
	Box image.Rectangle
	// BoxMargin is added on each side, 0 to 1 of the box's width and height.
	BoxMargin float32
	// EXIF turns the image as its EXIF tag says.
	EXIF bool
	// AllowTruncated uses what a cut file has.
	AllowTruncated bool
	// MaxPixels is the largest width times height; 0 = 67108864.
	MaxPixels int64
}

// With is the same image, read with options.
func (i Image) With(options ImageOptions) Image {
	i.options = options
	return i
}

// File is the image in a file: JPEG, PNG, BMP, GIF (first frame), or WebP in
// builds with libwebp.
func File(path string) Image {
	return Image{source: path, give: func(to sink,
		o raw.Expclip_image_options, failure []int32) (int, error) {
		if err := checkText("image", path); err != nil {
			return 0, err
		}
		return to.file(path, o, failure), nil
	}}
}

// Bytes is the image in a file's bytes.
func Bytes(data []byte) Image {
	return Image{give: func(to sink, o raw.Expclip_image_options,
		failure []int32) (int, error) {
		return to.bytes(data, o, failure), nil
	}}
}

// Reader is the image in what r gives; it is read when the image is used.
func Reader(r io.Reader) Image {
	return Image{give: func(to sink, o raw.Expclip_image_options,
		failure []int32) (int, error) {
		data, err := io.ReadAll(r)
		if err != nil {
			return 0, &Error{Op: "image", Code: ErrIO, Message: err.Error(),
				cause: err}
		}
		return to.bytes(data, o, failure), nil
	}}
}

// RGB is raw pixels, 3 bytes each, rows from the top, stride bytes from row to
// row (0 = width * 3).
func RGB(pixels []byte, width, height, stride int) Image {
	return rawPixels(pixels, width, height, stride, raw.EXPCLIP_PIXELS_RGB)
}

// BGR is the same with blue first, as OpenCV has it.
func BGR(pixels []byte, width, height, stride int) Image {
	return rawPixels(pixels, width, height, stride, raw.EXPCLIP_PIXELS_BGR)
}

// RGBA is raw pixels of 4 bytes; alpha is dropped.
func RGBA(pixels []byte, width, height, stride int) Image {
	return rawPixels(pixels, width, height, stride, raw.EXPCLIP_PIXELS_RGBA)
}

// BGRA is the same with blue first.
func BGRA(pixels []byte, width, height, stride int) Image {
	return rawPixels(pixels, width, height, stride, raw.EXPCLIP_PIXELS_BGRA)
}

// Grey is raw pixels of 1 byte.
func Grey(pixels []byte, width, height, stride int) Image {
	return rawPixels(pixels, width, height, stride, raw.EXPCLIP_PIXELS_GREY)
}

func rawPixels(data []byte, width, height, stride, layout int) Image {
	p := pixels{data, width, height, stride, layout}
	return Image{give: func(to sink, o raw.Expclip_image_options,
		failure []int32) (int, error) {
		return to.pixels(p, o, failure), nil
	}}
}

// FromImage takes an image.Image of Go. NRGBA, opaque RGBA and Gray are taken
// without a copy, others are drawn first; alpha is dropped.
func FromImage(img image.Image) Image {
	bounds := img.Bounds()
	width, height := bounds.Dx(), bounds.Dy()
	switch p := img.(type) {
	case *image.NRGBA:
		return RGBA(p.Pix[p.PixOffset(bounds.Min.X, bounds.Min.Y):], width,
			height, p.Stride)
	case *image.RGBA:
		if p.Opaque() {
			return RGBA(p.Pix[p.PixOffset(bounds.Min.X, bounds.Min.Y):], width,
				height, p.Stride)
		}
	case *image.Gray:
		return Grey(p.Pix[p.PixOffset(bounds.Min.X, bounds.Min.Y):], width,
			height, p.Stride)
	case *image.YCbCr: // has no alpha, and Go draws it to RGBA fast
		drawn := image.NewRGBA(image.Rect(0, 0, width, height))
		draw.Draw(drawn, drawn.Rect, img, bounds.Min, draw.Src)
		return RGBA(drawn.Pix, width, height, drawn.Stride)
	}
	drawn := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(drawn, drawn.Rect, img, bounds.Min, draw.Src)
	return RGBA(drawn.Pix, width, height, drawn.Stride)
}

func (o ImageOptions) toRaw() raw.Expclip_image_options {
	r := raw.NewExpclip_image_options()
	if !o.Box.Empty() {
		r.SetBox_x(o.Box.Min.X)
		r.SetBox_y(o.Box.Min.Y)
		r.SetBox_width(o.Box.Dx())
		r.SetBox_height(o.Box.Dy())
	}
	r.SetBox_margin(o.BoxMargin)
	r.SetExif(flag(o.EXIF))
	r.SetAllow_truncated(flag(o.AllowTruncated))
	setGiven(r.SetMax_pixels, o.MaxPixels)
	return r
}

// batch is decoded images; errors[i] says why image i failed, rows[i] is
// its row in C, or -1.
type batch struct {
	*handle
	images []Image
	errors []error
	rows   []int
	n      int
}

// newBatch makes an empty one, for a model.
func newBatch(model *handle, op string, images []Image) (*batch, error) {
	var b *batch
	err := use(op, func(p []uintptr) error {
		h, err := create(op, "batch", raw.Expclip_batch_free,
			func(out []uintptr, failure []int32) int {
				return raw.Expclip_batch_create(out, p[0], failure)
			})
		b = &batch{handle: h, images: images}
		return err
	}, model)
	return b, err
}

// decode makes images ready. An image that cannot be read fails alone.
func decode(model *handle, op string, images []Image) (*batch, error) {
	b, err := newBatch(model, op, images)
	if err != nil {
		return nil, err
	}
	for _, image := range images {
		if err := b.add(image); err != nil {
			b.close()
			return nil, err
		}
	}
	b.n = int(raw.Expclip_batch_count(b.pointer))
	return b, nil
}

// add returns only errors that are no image's fault.
func (b *batch) add(image Image) error {
	before := int(raw.Expclip_batch_count(b.pointer))
	err := image.giveTo(intoBatch(b.pointer))
	row := -1
	if int(raw.Expclip_batch_count(b.pointer)) > before {
		row = before
	}
	b.rows = append(b.rows, row)
	b.errors = append(b.errors, err)
	if e, ok := err.(*Error); ok && row < 0 &&
		(e.Code == ErrFork || e.Code == ErrMemory) {
		return err
	}
	return nil
}

// failedItem is why item i of C's failed, or nil.
func (b *batch) failedItem(op string, i int64) error {
	status := raw.Expclip_batch_status(b.pointer, i)
	if status == 0 {
		return nil
	}
	return &Error{Op: op, Code: Code(status),
		Message: raw.Expclip_batch_message(b.pointer, i)}
}

func (i Image) giveTo(to sink) error {
	if i.give == nil {
		return wrong("image", "an empty Image, expected File, Bytes, ...")
	}
	if i.isCrop && i.options != (ImageOptions{}) {
		return wrong("image", "ImageOptions for the crop of a face, expected "+
			"CropOptions of Faces.Images")
	}
	o := i.options.toRaw()
	defer raw.DeleteExpclip_image_options(o)
	failure := newFailure()
	status, err := i.give(to, o, failure)
	if err != nil {
		return err
	}
	return failed("image", status, failure)
}

// intoBatch adds an image to a batch.
type intoBatch uintptr

func (b intoBatch) file(path string, o raw.Expclip_image_options,
	failure []int32) int {
	return raw.Expclip_batch_add_file(uintptr(b), path, o, failure)
}

func (b intoBatch) bytes(data []byte, o raw.Expclip_image_options,
	failure []int32) int {
	return raw.Expclip_batch_add_bytes(uintptr(b), data, o, failure)
}

func (b intoBatch) pixels(p pixels, o raw.Expclip_image_options,
	failure []int32) int {
	return raw.Expclip_batch_add_pixels(uintptr(b), p.data, p.width, p.height,
		int64(p.stride), p.layout, o, failure)
}

func (b intoBatch) crop(c crop, failure []int32) (int, error) {
	r := c.options.toRaw()
	defer raw.DeleteExpclip_crop_options(r)
	which, err := c.faces.codeOf(c.which)
	if err != nil {
		return 0, err
	}
	status := 0
	err = use("image", func(p []uintptr) error {
		status = raw.Expclip_batch_add_faces(make([]uint64, 1), uintptr(b),
			p[0], which, r, failure)
		return nil
	}, c.faces.handle)
	return status, err
}
