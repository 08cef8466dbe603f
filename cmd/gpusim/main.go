package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"gpusim/gpu/glctx"
	"gpusim/model/diag"
)

// The exit codes; doc.go says what they mean.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	out := &cleanWriter{w: os.Stdout}
	a := &app{args: os.Args[1:], in: os.Stdin, out: out, err: &cleanWriter{w: os.Stderr}, terminal: os.Stderr}
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		fmt.Fprintln(os.Stderr, "\ngpusim: interrupted: saving what is done (once more ends at once)")
		cancel()
		<-signals
		os.Exit(exitInterrupted)
	}()
	err := a.root().ExecuteContext(ctx)
	if err == nil && ctx.Err() != nil {
		err = errInterrupted
	}
	if err == nil && out.err != nil {
		err = fmt.Errorf("writing the output: %w", out.err)
	}
	a.explain(err)
	os.Exit(exitCode(err))
}

// app is the process's command line and streams. It holds no other state.
type app struct {
	args     []string // of the command line
	in       io.Reader
	out, err io.Writer
	terminal *os.File      // standard error itself, for the bar of progress
	gl       glctx.Options // of the contexts that are opened; for tests, which open drivers that fail
}

// notef writes a remark for the user, one line.
func (a *app) notef(format string, args ...any) {
	fmt.Fprintf(a.err, "gpusim: "+format+"\n", args...)
}

// explain writes an error for the user.
func (a *app) explain(err error) {
	switch {
	case err == nil:
	case inFile(err):
		fmt.Fprintln(a.err, err) // its lines begin with the file's name
	default:
		a.notef("%s", plain(err.Error()))
	}
}

// plain is an error's text without the names of the packages that it is from.
func plain(msg string) string {
	for _, name := range []string{"glctx: ", "gpu: ", "window: ", "network: ", "plot: "} {
		msg = strings.ReplaceAll(strings.TrimPrefix(msg, name), ": "+name, ": ")
	}
	return msg
}

// usageError is wrong use or a bad file: it exits with 2.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// exitCode is the exit code that err stands for.
func exitCode(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage), inFile(err):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}

// inFile reports whether err is about a place in the network file.
func inFile(err error) bool {
	var all *diag.Errors
	var one *diag.Problem
	return errors.As(err, &all) || errors.As(err, &one)
}
