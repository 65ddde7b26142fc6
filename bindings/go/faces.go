// SPDX-License-Identifier: MIT

package expclip

import (
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/libexpclip/libexpclip/bindings/go/internal/raw"
)

// Box is a face's place in pixels of its image, from the upper left corner;
// from forehead to chin. Parts of it may lie outside the image.
type Box struct{ X, Y, Width, Height float32 }

// String is such as "61 x 80 at 120, 44".
func (b Box) String() string {
	return fmt.Sprintf("%.0f x %.0f at %.0f, %.0f", b.Width, b.Height, b.X, b.Y)
}

// Point is a place in pixels of an image, from the upper left corner.
type Point struct{ X, Y float32 }

// Face is a face in pixels of its image, after all turning.
type Face struct {
	Box   Box
	Score float32 // 0 to 1, how sure the detector is
	// Points are the right eye, the left eye, the tip of the nose, the right
	// and the left corner of the mouth; right and left are the person's.
	Points [5]Point
}

// faceNumbers is how many of C's numbers a face has.
const faceNumbers = 15

// faceOf reads a face's numbers, in the order of expclip_faces_copy().
func faceOf(n []float32) (face Face) {
	face.Box = Box{n[0], n[1], n[2], n[3]}
	for i := range face.Points {
		face.Points[i] = Point{n[4+2*i], n[5+2*i]}
	}
	face.Score = n[14]
	return face
}

// Faces are an image and the faces that a Detector found in it. They keep the
// image, encoded where it came so; what it was made of may change. Immutable:
// the fields are for reading, and stay after Close. Close those of many images:
// the garbage collector does not know how large they are.
type Faces struct {
	List    []Face // those with the highest scores first
	Largest int    // index of the face with the largest box; -1 without a face
	// Width and Height of the image after all turning; 0 of a damaged frame.
	Width, Height int
	// Turn is by how many degrees DetectorOptions.Turn turned the image
	// clockwise, beyond its EXIF orientation: 0, 90, 180 or 270.
	Turn int
	// BestScore is that of the most likely face, also below the threshold: how
	// close an image without a face was.
	BestScore float32
	Source    string // the path of a file or of a clip, if the image had one
	Err       error  // why a frame of a clip could not be decoded

	faces  []Face // List, which a user may change
	handle *handle
}

// newFaces takes C's object.
func newFaces(pointer uintptr, source string) (*Faces, error) {
	h := &handle{name: "faces", free: raw.Expclip_faces_free, pointer: pointer}
	n := int(raw.Expclip_faces_count(pointer))
	numbers, failure := make([]float32, n*faceNumbers), newFailure()
	if err := failed("faces", raw.Expclip_faces_copy(numbers, pointer, failure),
		failure); err != nil {
		h.close()
		return nil, err
	}
	f := &Faces{List: make([]Face, n), Largest: -1,
		Width:     raw.Expclip_faces_width(pointer),
		Height:    raw.Expclip_faces_height(pointer),
		Turn:      raw.Expclip_faces_turn(pointer),
		BestScore: raw.Expclip_faces_best_score(pointer),
		Source:    source, handle: h}
	for i, row := range rowsOf(numbers, n, faceNumbers) {
		f.List[i] = faceOf(row)
	}
	f.faces = slices.Clone(f.List)
	if n > 0 {
		f.Largest = int(raw.Expclip_faces_largest(pointer))
	}
	if status := raw.Expclip_faces_status(pointer); status != 0 {
		f.Err = &Error{Op: "faces", Code: Code(status),
			Message: raw.Expclip_faces_message(pointer)}
	}
	return closeWith(f, h), nil
}

// String is such as "5 faces in 1000 x 667 pixels".
func (f *Faces) String() string {
	if f.Err != nil {
		return f.Err.Error()
	}
	return fmt.Sprintf("%d faces in %d x %d pixels", len(f.faces), f.Width,
		f.Height)
}

// Close frees the image, once the calls under way have ended.
func (f *Faces) Close() error {
	f.handle.close()
	return nil
}

// ---- which of them, and what is seen of a face ----

// FaceChoice says which faces of an image are taken: AllFaces, LargestFace,
// AutoFaces or FaceAt(i).
type FaceChoice int

const (
	// AllFaces takes each face; none when there is none.
	AllFaces FaceChoice = 0
	// LargestFace takes the face with the largest box; ErrNoFace without one.
	LargestFace FaceChoice = 1
	// AutoFaces takes the whole image when it shows one close face, at least
	// 0.45 times as wide as the image; else the largest face.
	AutoFaces FaceChoice = -1
)

// FaceAt takes the face of an index, as in Faces.List.
func FaceAt(i int) FaceChoice {
	if i < 0 {
		return FaceChoice(i - 1) // is refused where it is used
	}
	return FaceChoice(min(i, math.MaxInt-2) + 2)
}

// codeOf is C's number for a choice.
func (f *Faces) codeOf(which FaceChoice) (int, error) {
	if which < AutoFaces {
		return 0, f.check(int(which) + 1)
	}
	if which > LargestFace && len(f.faces) > 0 { // without one C says NO_FACE
		if err := f.check(int(which) - 2); err != nil {
			return 0, err
		}
	}
	return min(int(which)+raw.EXPCLIP_FACES_ALL, math.MaxInt32), nil
}

// check refuses an index that no face has.
func (f *Faces) check(i int) error {
	if f.Err != nil {
		return f.Err
	}
	if i >= 0 && i < len(f.faces) {
		return nil
	}
	if len(f.faces) == 0 {
		return wrong("faces", "face %d, the image has none", i)
	}
	return wrong("faces", "face %d, expected 0 to %d", i, len(f.faces)-1)
}

// CropOptions say what an encoder sees of a face: a square around its box.
type CropOptions struct {
	// Side of the square in heights of the box, 0.5 to 4; 0 = side and Up are
	// the model's (Model.CropSide), or 1.4 and 0 where there is no model.
	Side float32
	// Up is how many heights of the box the square's centre lies above the
	// box's, -1 to 1; only with a Side.
	Up float32
	// Upright turns the crop so that the eyes are level, when they are tilted
	// by more than 15 degrees.
	Upright bool
}

func (o CropOptions) toRaw() raw.Expclip_crop_options {
	r := raw.NewExpclip_crop_options()
	r.SetSide(o.Side)
	r.SetUp(o.Up)
	r.SetUpright(flag(o.Upright))
	return r
}

// ---- pixels ----

// Image is the pixels of the image, turned as the faces say; Err for a damaged
// frame.
func (f *Faces) Image() (*image.RGBA, error) {
	return f.pixels(image.Rect(0, 0, f.Width, f.Height),
		func(rgb []byte, faces uintptr, failure []int32) int {
			return raw.Expclip_faces_copy_image(rgb, faces, failure)
		})
}

// Crop is the pixels of face i: a square, moved so that it lies inside the
// image, and as wide or as high as the image where that is smaller. Its bounds
// are its place in the image. An upright crop may be turned, and then what lies
// outside the image repeats its edge.
func (f *Faces) Crop(i int, options CropOptions) (*image.RGBA, error) {
	if err := f.check(i); err != nil {
		return nil, err
	}
	o := options.toRaw()
	defer raw.DeleteExpclip_crop_options(o)
	place, err := f.place(i, o)
	if err != nil {
		return nil, err
	}
	return f.pixels(place, func(rgb []byte, faces uintptr,
		failure []int32) int {
		return raw.Expclip_faces_copy_crop(rgb, faces, int64(i), o, failure)
	})
}

func (f *Faces) place(i int, o raw.Expclip_crop_options) (image.Rectangle,
	error) {
	box := raw.NewExpclip_box()
	defer raw.DeleteExpclip_box(box)
	err := use("crop", func(p []uintptr) error {
		failure := newFailure()
		return failed("crop", raw.Expclip_faces_crop(box, p[0], int64(i), o,
			failure), failure)
	}, f.handle)
	corner := image.Pt(box.GetX(), box.GetY())
	size := image.Pt(box.GetWidth(), box.GetHeight())
	return image.Rectangle{corner, corner.Add(size)}, err
}

// pixels has C fill RGB and makes them an image of Go.
func (f *Faces) pixels(place image.Rectangle, fill func(rgb []byte,
	faces uintptr, failure []int32) int) (*image.RGBA, error) {
	rgb := make([]byte, 3*place.Dx()*place.Dy())
	err := use("pixels", func(p []uintptr) error {
		failure := newFailure()
		return failed("pixels", fill(rgb, p[0], failure), failure)
	}, f.handle)
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(place)
	for i := range len(rgb) / 3 {
		copy(out.Pix[4*i:], rgb[3*i:3*i+3])
		out.Pix[4*i+3] = 255
	}
	return out, nil
}

// ---- images ----

// crop is faces of an image as images.
type crop struct {
	faces   *Faces
	which   FaceChoice
	options CropOptions
}

func (c crop) image() Image {
	return Image{source: c.faces.Source, isCrop: true, give: func(to sink,
		_ raw.Expclip_image_options, failure []int32) (int, error) {
		return to.crop(c, failure)
	}}
}

// Images are crops as images, for scores and embeddings by any model or
// Batcher, and for a Clip, without finding the faces again. Each decodes its
// image anew where it is used; ScoreFaces does so once for up to 64 faces.
// AllFaces gives an image of each face, in their order; the others give one,
// which without a face fails with ErrNoFace where it is used.
func (f *Faces) Images(which FaceChoice, options CropOptions) []Image {
	if which != AllFaces || f.Err != nil {
		return []Image{crop{f, which, options}.image()}
	}
	list := make([]Image, len(f.faces))
	for i := range list {
		list[i] = crop{f, FaceAt(i), options}.image()
	}
	return list
}
