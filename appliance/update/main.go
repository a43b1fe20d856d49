// Program update sends a new version to a box, which tries it and keeps it if
// it becomes healthy.
//
//	update -box http://10.0.0.5:8077 -secret-file FILE [-append WORDS] bin/argss-amd64
//
// The last argument names what make image made, without its ending: .root,
// .kernel and .cmdline are read. It owns nothing but its name; package intake
// says how a version travels.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/argss/argss/fleet/intake"
)

func main() {
	box := flag.String("box", "", "`URL` of the box, with its port 8077")
	secret := flag.String("secret-file", "", "`file` with the secret of the wiki's boxes")
	more := flag.String("append", "", "`words` for the kernel's command line")
	flag.Parse()
	if *box == "" || *secret == "" || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := send(*box, *secret, flag.Arg(0), *more); err != nil {
		fmt.Fprintln(os.Stderr, "update:", err)
		os.Exit(1)
	}
}

func send(box, secretFile, image, more string) error {
	secret, err := os.ReadFile(secretFile)
	if err != nil {
		return err
	}
	r, err := intake.Open(image, more)
	if err != nil {
		return err
	}
	defer r.Close()
	c := intake.Client{URL: box, Secret: strings.TrimSpace(string(secret)), HTTP: http.DefaultClient}
	serial, err := c.Send(context.Background(), r.Manifest, r.Root, r.Kernel)
	if err == nil {
		fmt.Printf("installed as number %d; the box starts again and tries it\n", serial)
	}
	return err
}
