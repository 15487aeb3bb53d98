// Command ferretdb serves the MongoDB wire protocol over SQLite, for tests only: `ferretdb FOLDER`.
// It prints the address it listens on, and ends when its standard input does, so that it never outlives a test.
//
// FerretDB reads the documents of an update and writes them back in two steps, so that of two clients that compare and set the same
// document both can win. MongoDB updates a document in one step; therefore commands pass here one at a time.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/FerretDB/FerretDB/ferretdb"
)

const (
	headerBytes  = 16
	maxBytes     = 48 << 20 // maxMessageSizeBytes of MongoDB
	opMsg        = 2013
	flagNoAnswer = 2 // moreToCome: the client does not wait for an answer
)

var oneAtATime sync.Mutex

func readMessage(from io.Reader) ([]byte, error) {
	header := make([]byte, headerBytes)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(header)
	if size < headerBytes+4 || size > maxBytes {
		return nil, errors.New("not a message")
	}
	message := append(header, make([]byte, size-headerBytes)...)
	_, err := io.ReadFull(from, message[headerBytes:])
	return message, err
}

func field(message []byte, at int) uint32 { return binary.LittleEndian.Uint32(message[at:]) }

// exchange sends one request and returns its answer, nil where none is due.
func exchange(server net.Conn, request []byte) ([]byte, error) {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	if _, err := server.Write(request); err != nil {
		return nil, err
	}
	if field(request, 12) == opMsg && field(request, 16)&flagNoAnswer != 0 {
		return nil, nil
	}
	for {
		answer, err := readMessage(server)
		if err != nil || field(answer, 8) == field(request, 4) {
			return answer, err
		}
	}
}

func serve(client net.Conn, socket string) {
	defer client.Close()
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer server.Close()
	for {
		request, err := readMessage(client)
		if err != nil {
			return
		}
		answer, err := exchange(server, request)
		if err != nil {
			return
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}

func run(folder string) error {
	socket := filepath.Join(folder, "ferretdb.sock")
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: socket},
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)),
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(client, socket)
		}
	}()
	fmt.Printf("mongodb://%s/\n", listener.Addr())
	if err := server.Run(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
