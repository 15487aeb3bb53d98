// Command go-judge is the second opinion on notes and trees: golang.org/x/mod's note and tlog packages, which share no
// code with ours.
//
//	go run . vectors              prints the signed-note vectors of ../../vectors/signed-note
//	go run . verify-note VKEY...  verifies the note on standard input against the keys; prints its text
//	go run . verify-tlog          verifies the roots and proofs of the JSON document on standard input
//
// Exit status 0 means verified, 1 refused, 2 wrong usage.
package main

import (
	"fmt"
	"io"
	"os"
)

const usage = "usage: go-judge vectors | verify-note VKEY... | verify-tlog"

func run(args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "vectors":
		return printVectors(out)
	case len(args) >= 2 && args[0] == "verify-note":
		return verifyNote(args[1:], in, out)
	case len(args) == 1 && args[0] == "verify-tlog":
		return verifyTlog(in, out)
	}
	fmt.Fprintln(os.Stderr, usage)
	os.Exit(2)
	return nil
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}
