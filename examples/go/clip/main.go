// SPDX-License-Identifier: MIT

// Clip reads a video file, or a folder of frames, with the model "demo", which
// knows drawn faces: one answer for all of it, then what it shows when.
//
//	go run ./clip ../faces
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
	if len(os.Args) != 2 {
		log.Fatal("usage: clip VIDEO|FOLDER")
	}
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
	found, err := model.ScoreClip(ctx, classes, os.Args[1],
		expclip.FramesOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %v, from %d frames\n", found.Source, found, found.Frames)
	for part, err := range model.Timeline(ctx, classes, os.Args[1],
		expclip.FramesOptions{}, expclip.TimelineOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		for _, segment := range part.Segments {
			fmt.Println(segment)
		}
		for _, frame := range part.Failed {
			log.Print(frame.Err)
		}
	}
}
