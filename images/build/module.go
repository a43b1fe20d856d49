package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
)

// module is a module that go.mod pins, with its files.
type module struct {
	Path, Version, Sum, Dir string
}

// fetch finds a module of go.mod and loads it, checked against go.sum.
func (r *recipe) fetch(path string) (module, error) {
	var listed, m module
	if err := r.goJSON(&listed, "list", "-m", "-json", path); err != nil {
		return m, err
	}
	if err := r.goJSON(&m, "mod", "download", "-json", path+"@"+listed.Version); err != nil {
		return m, err
	}
	return m, nil
}

func (r *recipe) goJSON(into any, args ...string) error {
	out, err := r.run(args...)
	if err != nil {
		return err
	}
	return json.Unmarshal(out, into)
}

// run calls go in the folder of the sources.
func (r *recipe) run(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(r.ctx, r.Go, args...)
	cmd.Dir = r.Source
	cmd.Env = append(cmd.Environ(), "GOOS=linux", "GOARCH="+r.Board.Arch, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOAMD64=v1")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, said.Bytes())
	}
	return out.Bytes(), nil
}
