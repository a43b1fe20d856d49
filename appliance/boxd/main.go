// Program boxd is one box of the wiki: it runs until it is told to stop.
//
//	boxd -settings FILE
//
// Package command tells what else it does for an owner.
//
// SIGTERM and SIGINT stop it in order: the shared address first, then answers
// in progress, then the stores. SIGKILL is what pulling the plug looks like.
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/appliance/command"
	"github.com/argss/argss/appliance/settings"
)

func main() {
	if args := os.Args[1:]; command.Is(args) {
		c := command.Console{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, HTTP: &http.Client{Timeout: time.Minute}, Now: time.Now, Rand: rand.Reader}
		os.Exit(c.Run(context.Background(), args))
	}
	path := flag.String("settings", "settings.json", "file with the choices for this box")
	version := flag.Bool("version", false, "print the version and stop")
	flag.Parse()
	if *version {
		fmt.Println(appliance.Version())
		return
	}
	if err := run(*path); err != nil {
		fmt.Fprintln(os.Stderr, "boxd:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := settings.Load(path)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	parts := appliance.RealParts(s.Data, log)
	parts.Second = appliance.SecondDisk(s.Second)
	return appliance.New(s, parts).Run(ctx)
}
