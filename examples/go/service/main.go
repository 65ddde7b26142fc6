// SPDX-License-Identifier: MIT

// Service scores images over HTTP; requests share forward passes:
//
//	go run ./service -address 127.0.0.1:8080 -model demo
//	curl --data-binary @../faces/happiness_1.png 127.0.0.1:8080/v1/score
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

// answer is what a request gets: a label and probabilities, or an error.
type answer struct {
	Label  string             `json:"label,omitempty"`
	Scores map[string]float32 `json:"scores,omitempty"`
	Status string             `json:"status"`
	Error  string             `json:"error,omitempty"`
}

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
	found, err := s.batcher.Score(r.Context(), s.classes, expclip.Bytes(body))
	if err == nil {
		err = found[0].Err
	}
	if err != nil {
		fail(w, err)
		return
	}
	scores := make(map[string]float32)
	for i, name := range s.classes.Names() {
		scores[name] = found[0].Probabilities[i]
	}
	reply(w, http.StatusOK, answer{Label: found[0].Label, Scores: scores, Status: "OK"})
}

// fail answers with the HTTP status that fits an error.
func fail(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	var e *expclip.Error
	switch {
	case errors.As(err, &large):
		reply(w, http.StatusRequestEntityTooLarge, answer{Status: "LIMIT", Error: err.Error()})
	case errors.Is(err, expclip.ErrBusy):
		w.Header().Set("Retry-After", "1")
		reply(w, http.StatusServiceUnavailable, answer{Status: "BUSY", Error: err.Error()})
	case errors.As(err, &e) && e.Code <= expclip.ErrFormat && e.Code >= expclip.ErrLimit:
		reply(w, http.StatusUnprocessableEntity, answer{Status: e.Code.Error(), Error: e.Message})
	default:
		log.Print(err)
		reply(w, http.StatusInternalServerError, answer{Status: "INTERNAL", Error: "see the service's log"})
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
