// SPDX-License-Identifier: MIT

// Classify scores images with the model "demo", which knows drawn faces:
//
//	go run ./classify ../faces/happiness_2.png ../faces/anger_1.png
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	expclip "github.com/libexpclip/libexpclip/bindings/go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	model, err := expclip.Load(ctx, "demo")
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	classes, err := model.Classes(ctx, 7, "type3")
	if err != nil {
		log.Fatal(err)
	}
	var images []expclip.Image
	for _, path := range os.Args[1:] {
		images = append(images, expclip.File(path))
	}
	found, err := model.Score(ctx, classes, images...)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range found {
		fmt.Printf("%s: %v\n", p.Source, p)
	}
}
