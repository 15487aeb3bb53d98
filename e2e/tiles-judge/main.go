// Command tiles-judge reads a log as C2SP tlog-tiles stores it in a folder and believes nothing: golang.org/x/mod's tlog checks every
// tile it reads against the signed checkpoint, and every entry against its leaf hash.
//
//	go run . FOLDER VKEY
//
// Prints the size of the log; exit status 0 means that all of it verified.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type folder string

func (f folder) Height() int { return height }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles maps x/mod's tile/8/LEVEL/N to the paths of tlog-tiles, which leave the height out.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) bundle(number, width int64) ([]byte, error) {
	tile := tlog.Tile{H: height, L: 0, N: number, W: int(width)}
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", height), "tile/entries/", 1)
	return os.ReadFile(filepath.Join(string(f), path))
}

func (f folder) checkpoint(vkey string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	text, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	if err != nil {
		return tree, err
	}
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree, fmt.Errorf("root is no hash: %q", lines[2])
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

func (f folder) verify(vkey string) (int64, error) {
	tree, err := f.checkpoint(vkey)
	if err != nil {
		return 0, err
	}
	reader := tlog.TileHashReader(tree, f)
	for first := int64(0); first < tree.N; first += 1 << height {
		width := min(tree.N-first, 1<<height)
		if err := f.verifyBundle(reader, first, width); err != nil {
			return 0, err
		}
	}
	return tree.N, nil
}

func (f folder) verifyBundle(reader tlog.HashReader, first, width int64) error {
	bundle, err := f.bundle(first>>height, width)
	if err != nil {
		return err
	}
	var indexes []int64
	for index := first; index < first+width; index++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, index))
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for position, want := range hashes {
		if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
			return fmt.Errorf("bundle %d is cut", first>>height)
		}
		size := 2 + int(binary.BigEndian.Uint16(bundle))
		if tlog.RecordHash(bundle[2:size]) != want {
			return fmt.Errorf("entry %d is not what its leaf hash says", first+int64(position))
		}
		bundle = bundle[size:]
	}
	if len(bundle) > 0 {
		return fmt.Errorf("bundle %d has bytes behind its entries", first>>height)
	}
	return nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: tiles-judge FOLDER VKEY")
		os.Exit(2)
	}
	size, err := folder(os.Args[1]).verify(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
	fmt.Println(size)
}
