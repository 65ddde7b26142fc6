// SPDX-License-Identifier: MIT

// Service scores images over HTTP; requests share forward passes:
//
//	go run ./service -address 127.0.0.1:8080 -model demo
//	curl --data-binary @../faces/happiness_2.png 127.0.0.1:8080/v1/score
//	curl --data-binary @../scenes/scene_1.png '127.0.0.1:8080/v1/score?faces=all'
//
// With faces=all each face of a photograph has its answer, with faces=largest the
// largest, with faces=auto also an image that is one close face; without it the
// image is taken whole.
//
// It listens on the loopback unless told otherwise, takes no paths from
// requests, and ends when the requests under way have ended.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

const maxBody = 16 << 20 // bytes of an image

type server struct {
	batcher *expclip.Batcher
	classes *expclip.Classes
}

// answer is what a request gets: a label and probabilities, or faces, or an
// error.
type answer struct {
	Label  string             `json:"label,omitempty"`
	Scores map[string]float32 `json:"scores,omitempty"`
	Faces  *[]face            `json:"faces,omitempty"`
	Status string             `json:"status"`
	Error  string             `json:"error,omitempty"`
}

// face is the answer of one, and where it is in the image.
type face struct {
	answer
	Index int        `json:"index"` // -1 = the whole image, one close face
	Box   [4]float32 `json:"box"`   // x, y, width, height
	Score float32    `json:"score"`
}

// choices of the query.
var choices = map[string]expclip.FaceChoice{"all": expclip.AllFaces,
	"largest": expclip.LargestFace, "auto": expclip.AutoFaces}

// handler is the service's routes.
func (s *server) handler() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("POST /v1/score", s.score)
	routes.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "ok\n")
	})
	return routes
}

func (s *server) score(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		fail(w, err)
		return
	}
	name := r.URL.Query().Get("faces")
	which, known := choices[name]
	var a answer
	switch {
	case known:
		a, err = s.scoreFaces(r.Context(), expclip.Bytes(body), which)
	case name == "" || name == "none":
		a, err = s.scoreWhole(r.Context(), expclip.Bytes(body))
	default:
		reply(w, http.StatusBadRequest, answer{Status: "ARGUMENT",
			Error: "faces: expected none, largest, all or auto"})
		return
	}
	if err != nil {
		fail(w, err)
		return
	}
	reply(w, http.StatusOK, a)
}

func (s *server) scoreWhole(ctx context.Context, image expclip.Image) (answer, error) {
	found, err := s.batcher.Score(ctx, s.classes, image)
	if err != nil {
		return answer{}, err
	}
	return s.answerOf(found[0]), found[0].Err
}

func (s *server) scoreFaces(ctx context.Context, image expclip.Image, which expclip.FaceChoice) (answer, error) {
	found, err := s.batcher.Faces(ctx, s.classes, image, which)
	if err != nil {
		return answer{}, err
	}
	a := answer{Status: "OK"}
	if which != expclip.AllFaces {
		a = s.answerOf(found[0].Prediction)
	}
	faces := make([]face, len(found))
	for i, one := range found {
		faces[i] = face{s.answerOf(one.Prediction), one.Index,
			[4]float32{one.Box.X, one.Box.Y, one.Box.Width, one.Box.Height},
			one.Score}
	}
	a.Faces = &faces
	return a, nil
}

// answerOf one image or face.
func (s *server) answerOf(p expclip.Prediction) answer {
	if p.Err != nil {
		_, a := describe(p.Err)
		return a
	}
	scores := make(map[string]float32)
	for i, name := range s.classes.Names() {
		scores[name] = p.Probabilities[i]
	}
	return answer{Label: p.Label, Scores: scores, Status: "OK"}
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	code, a := describe(err)
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	reply(w, code, a)
}

// describe says what a client is told of an error, with the HTTP status that
// fits.
func describe(err error) (int, answer) {
	var large *http.MaxBytesError
	var e *expclip.Error
	switch {
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, answer{Status: "LIMIT", Error: err.Error()}
	case errors.Is(err, expclip.ErrBusy):
		return http.StatusServiceUnavailable, answer{Status: "BUSY", Error: err.Error()}
	case errors.As(err, &e) && (e.Code == expclip.ErrNoFace ||
		e.Code <= expclip.ErrFormat && e.Code >= expclip.ErrLimit):
		return http.StatusUnprocessableEntity, answer{Status: e.Code.Error(), Error: e.Message}
	default:
		log.Print(err)
		return http.StatusInternalServerError, answer{Status: "INTERNAL", Error: "see the service's log"}
	}
}

func reply(w http.ResponseWriter, code int, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(a)
}

func newServer(ctx context.Context, path string) (*server, func(), error) {
	model, err := expclip.Load(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	classes, err := model.Classes(ctx, 7, "type3")
	if err != nil {
		return nil, nil, err
	}
	batcher, err := model.Batcher(expclip.BatcherOptions{})
	if err != nil {
		return nil, nil, err
	}
	return &server{batcher, classes}, func() { batcher.Close(); model.Close() }, nil
}

func main() {
	address := flag.String("address", "127.0.0.1:8080", "where to listen")
	path := flag.String("model", "demo", "model file, folder or name")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, closeAll, err := newServer(ctx, *path)
	if err != nil {
		log.Fatal(err)
	}
	defer closeAll()
	server := &http.Server{Addr: *address, Handler: s.handler(),
		ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		server.Shutdown(patience)
	}()
	log.Print("listening on ", *address)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
