package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// Console is what a command touches the world with.
type Console struct {
	In   io.Reader
	Out  io.Writer
	Err  io.Writer
	HTTP *http.Client
	Now  func() time.Time
	Rand io.Reader
}

// commands are the first words that are no flags.
var commands = map[string]func(*Console, context.Context, []string) error{
	"verify-receipt": (*Console).verifyReceipt,
	"keeper-key":     (*Console).keeperKey,
	"erase":          (*Console).erase,
}

// Is tells whether the first argument asks for a command and not for a box.
func Is(args []string) bool {
	if len(args) == 0 {
		return false
	}
	_, known := commands[args[0]]
	return known
}

// errUsage says that the question was put wrongly.
var errUsage = errors.New("go doc github.com/argss/argss/appliance/command tells how it is asked")

// Run does what the arguments say, which Is must have accepted, and returns the
// exit status.
func (c *Console) Run(ctx context.Context, args []string) int {
	err := commands[args[0]](c, ctx, args[1:])
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage), errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(c.Err, "boxd %s: %v\n", args[0], err)
		return 2
	}
	fmt.Fprintln(c.Err, err)
	return 1
}

// flags parses flags that may stand before, between and behind other words,
// which it returns.
func (c *Console) flags(args []string, define func(*flag.FlagSet)) (words []string, err error) {
	set := flag.NewFlagSet("boxd", flag.ContinueOnError)
	set.SetOutput(c.Err)
	define(set)
	for {
		if err := set.Parse(args); err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		if set.NArg() == 0 {
			return words, nil
		}
		words, args = append(words, set.Arg(0)), set.Args()[1:]
	}
}

// maxInput is more than any file these commands read.
const maxInput = 1 << 20

// read returns a file, or the standard input for "-".
func (c *Console) read(path string) (string, error) {
	in := c.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput))
	return string(data), err
}
