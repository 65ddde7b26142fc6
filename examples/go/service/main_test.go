// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
)

func start(t *testing.T) *httptest.Server {
	s, closeAll, err := newServer(context.Background(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	service := httptest.NewServer(s.handler())
	t.Cleanup(func() { service.Close(); closeAll() })
	return service
}

func post(t *testing.T, service *httptest.Server, body []byte) (int, answer) {
	return postTo(t, service.URL+"/v1/score", body)
}

func postTo(t *testing.T, url string, body []byte) (int, answer) {
	response, err := http.Post(url, "image/png", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var a answer
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, a
}

func TestAFaceIsScored(t *testing.T) {
	service := start(t)
	face, err := os.ReadFile("../../faces/happiness_2.png")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 32 {
		group.Add(1)
		go func() {
			defer group.Done()
			if code, a := post(t, service, face); code != 200 || a.Label != "happiness" || len(a.Scores) != 7 {
				t.Error(code, a)
			}
		}()
	}
	group.Wait()
}

func TestEachFaceOfASceneIsScored(t *testing.T) {
	service := start(t)
	scene, err := os.ReadFile("../../scenes/scene_1.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, which := range []string{"all", "largest", "auto"} {
		code, a := postTo(t, service.URL+"/v1/score?faces="+which, scene)
		if code != 200 || a.Faces == nil || (which == "all") != (len(*a.Faces) > 1) ||
			(which == "all") != (a.Label == "") {
			t.Fatal(which, code, a)
		}
		for i, one := range *a.Faces {
			if which == "all" && one.Index != i || one.Label == "" || len(one.Scores) != 7 || one.Box[2] < 20 || one.Score < 0.5 {
				t.Error(which, one)
			}
		}
	}
	if code, a := postTo(t, service.URL+"/v1/score?faces=5", scene); code != 400 || a.Error == "" {
		t.Error(code, a)
	}
}

func TestAnImageWithoutAFaceIs422OrNone(t *testing.T) {
	service := start(t)
	var blank bytes.Buffer
	if err := png.Encode(&blank, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	if code, a := postTo(t, service.URL+"/v1/score?faces=largest", blank.Bytes()); code != 422 || a.Status != "NO_FACE" {
		t.Error(code, a)
	}
	if code, a := postTo(t, service.URL+"/v1/score?faces=all", blank.Bytes()); code != 200 || a.Faces == nil || len(*a.Faces) != 0 {
		t.Error(code, a)
	}
}

func TestABadImageIs422(t *testing.T) {
	service := start(t)
	for _, body := range [][]byte{nil, []byte("no image"), []byte("\x89PNG\r\n\x1a\n")} {
		if code, a := post(t, service, body); code != 422 || a.Error == "" {
			t.Error(code, a)
		}
	}
}

func TestALargeBodyIs413(t *testing.T) {
	if code, a := post(t, start(t), make([]byte, maxBody+1)); code != 413 || a.Status != "LIMIT" {
		t.Error(code, a)
	}
}

func TestItIsHealthy(t *testing.T) {
	response, err := http.Get(start(t).URL + "/healthz")
	if err != nil || response.StatusCode != 200 {
		t.Error(response, err)
	}
}
