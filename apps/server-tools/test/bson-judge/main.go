// Command bson-judge is the second opinion on backups: it reads a folder of mongodump's layout as mongorestore --gzip does, by the BSON
// of MongoDB's own driver for Go, which shares no code with ours.
//
//	go run . FOLDER   prints {"DATABASE/COLLECTION": {"documents", "bytes", "content", "indexes", "first"}}
//
// `content` is the sum of the SHA-256 of every document, modulo 2^256; `first` the first document as extended JSON, written by the
// driver out of what it decoded. Exit status 0 means read whole, 1 refused.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
)

const (
	dataSuffix     = ".bson.gz"
	metadataSuffix = ".metadata.json.gz"
	maxBytes       = 16<<20 + 16<<10
)

type collection struct {
	Documents int             `json:"documents"`
	Bytes     int             `json:"bytes"`
	Content   string          `json:"content"`
	Indexes   []string        `json:"indexes"`
	First     json.RawMessage `json:"first,omitempty"`
}

func unpacked(path string) (io.Reader, func(), error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	reader, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return reader, func() { file.Close() }, nil
}

// next is nil at the end.
func next(from io.Reader) (bson.Raw, error) {
	var head [4]byte
	if _, err := io.ReadFull(from, head[:]); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(head[:])
	if size < 5 || size > maxBytes {
		return nil, fmt.Errorf("a document of %d bytes", size)
	}
	document := make(bson.Raw, size)
	copy(document, head[:])
	if _, err := io.ReadFull(from, document[4:]); err != nil {
		return nil, err
	}
	return document, document.Validate()
}

// decoded proves that the document means something, and that the driver would write the same bytes again.
func decoded(document bson.Raw) (json.RawMessage, error) {
	var fields bson.D
	if err := bson.Unmarshal(document, &fields); err != nil {
		return nil, err
	}
	again, err := bson.Marshal(fields)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, document) {
		return nil, errors.New("the driver writes the document otherwise")
	}
	return bson.MarshalExtJSON(fields, true, false)
}

func readDocuments(path string, into *collection) error {
	from, done, err := unpacked(path)
	if err != nil {
		return err
	}
	defer done()
	sum, modulus := new(big.Int), new(big.Int).Lsh(big.NewInt(1), 256)
	for {
		document, err := next(from)
		if err != nil {
			return err
		}
		if document == nil {
			into.Content = fmt.Sprintf("%064x", sum)
			return nil
		}
		text, err := decoded(document)
		if err != nil {
			return err
		}
		if into.Documents == 0 {
			into.First = text
		}
		hash := sha256.Sum256(document)
		sum.Add(sum, new(big.Int).SetBytes(hash[:])).Mod(sum, modulus)
		into.Documents++
		into.Bytes += len(document)
	}
}

// readMetadata reads what mongorestore makes a collection and its indexes by.
func readMetadata(path string, into *collection) error {
	from, done, err := unpacked(path)
	if err != nil {
		return err
	}
	defer done()
	text, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	var metadata struct {
		Options bson.D
		Indexes []struct {
			Name string
			Key  bson.D
		}
		CollectionName string `bson:"collectionName"`
		Type           string
	}
	if err := bson.UnmarshalExtJSON(text, true, &metadata); err != nil {
		return err
	}
	if metadata.Type != "collection" || metadata.CollectionName == "" {
		return errors.New("it is not of a collection")
	}
	for _, index := range metadata.Indexes {
		if len(index.Key) == 0 {
			return fmt.Errorf("index %s has no fields", index.Name)
		}
		into.Indexes = append(into.Indexes, index.Name)
	}
	return nil
}

func judge(folder string, out io.Writer) error {
	found := map[string]*collection{}
	paths, err := filepath.Glob(filepath.Join(folder, "*", "*"+dataSuffix))
	if err != nil {
		return err
	}
	for _, path := range paths {
		name, err := filepath.Rel(folder, strings.TrimSuffix(path, dataSuffix))
		if err != nil {
			return err
		}
		found[name] = &collection{}
		if err := readDocuments(path, found[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := readMetadata(strings.TrimSuffix(path, dataSuffix)+metadataSuffix, found[name]); err != nil {
			return fmt.Errorf("%s: metadata: %w", name, err)
		}
	}
	return json.NewEncoder(out).Encode(found)
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bson-judge FOLDER")
		os.Exit(2)
	}
	if err := judge(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}
