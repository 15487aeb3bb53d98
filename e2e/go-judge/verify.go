package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"crypto/ed25519"
	"crypto/sha256"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosignatureVerifier is https://c2sp.org/tlog-cosignature, which x/mod does not know itself.
type cosignatureVerifier struct {
	name string
	key  ed25519.PublicKey
}

const algCosignatureV1 = 4

func (v cosignatureVerifier) Name() string    { return v.name }
func (v cosignatureVerifier) KeyHash() uint32 { return keyHash(v.name, algCosignatureV1, v.key) }
func (v cosignatureVerifier) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(v.key, cosignedMessage(msg, binary.BigEndian.Uint64(sig)), sig[8:])
}

func cosignedMessage(msg []byte, seconds uint64) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(seconds, 10)+"\n"), msg...)
}

func keyHash(name string, alg byte, key []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name))
	h.Write([]byte{'\n', alg})
	h.Write(key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// newVerifier reads a verifier key of algorithm 1 (by x/mod) or 4.
func newVerifier(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) == 3 {
		key, err := base64.StdEncoding.DecodeString(parts[2])
		if err == nil && len(key) == 1+ed25519.PublicKeySize && key[0] == algCosignatureV1 {
			v := cosignatureVerifier{parts[0], key[1:]}
			if fmt.Sprintf("%08x", v.KeyHash()) != parts[1] {
				return nil, errors.New("the key id does not belong to the key")
			}
			return v, nil
		}
	}
	return note.NewVerifier(vkey)
}

// verifyNote demands a signature by every key given.
func verifyNote(vkeys []string, in io.Reader, out io.Writer) error {
	msg, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var verifiers []note.Verifier
	for _, vkey := range vkeys {
		v, err := newVerifier(vkey)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, v)
	}
	n, err := note.Open(msg, note.VerifierList(verifiers...))
	if err != nil {
		return err
	}
	if len(n.Sigs) != len(verifiers) {
		return fmt.Errorf("%d of %d keys signed", len(n.Sigs), len(verifiers))
	}
	_, err = io.WriteString(out, n.Text)
	return err
}

// tlogDocument is what verify-tlog reads. Hashes are hex. Absent members are not checked.
type tlogDocument struct {
	Leaves    []string // leaf data, hex, from which Root is computed anew
	Size      int64
	Root      string
	Inclusion []struct {
		Index    int64
		LeafHash string
		Proof    []string
	}
	Consistency []struct {
		First     int64
		FirstRoot string
		Proof     []string
	}
}

func parseHash(text string) (h tlog.Hash, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != tlog.HashSize {
		return h, fmt.Errorf("not a hash: %q", text)
	}
	copy(h[:], b)
	return h, nil
}

func parseHashes(texts []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, text := range texts {
		h, err := parseHash(text)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, h)
	}
	return hashes, nil
}

// rootOf builds the tree anew with tlog's stored hashes.
func rootOf(leaves []string) (tlog.Hash, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for i, leaf := range leaves {
		data, err := hex.DecodeString(leaf)
		if err != nil {
			return tlog.Hash{}, err
		}
		hashes, err := tlog.StoredHashes(int64(i), data, reader)
		if err != nil {
			return tlog.Hash{}, err
		}
		stored = append(stored, hashes...)
	}
	return tlog.TreeHash(int64(len(leaves)), reader)
}

func verifyTlog(in io.Reader, out io.Writer) error {
	var doc tlogDocument
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return err
	}
	root, err := parseHash(doc.Root)
	if err != nil {
		return err
	}
	if err := verifyLeaves(doc, root); err != nil {
		return err
	}
	for _, each := range doc.Inclusion {
		leaf, err := parseHash(each.LeafHash)
		if err != nil {
			return err
		}
		proof, err := parseHashes(each.Proof)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, doc.Size, root, each.Index, leaf); err != nil {
			return fmt.Errorf("inclusion of %d: %w", each.Index, err)
		}
	}
	for _, each := range doc.Consistency {
		first, err := parseHash(each.FirstRoot)
		if err != nil {
			return err
		}
		proof, err := parseHashes(each.Proof)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, doc.Size, root, each.First, first); err != nil {
			return fmt.Errorf("consistency with %d: %w", each.First, err)
		}
	}
	_, err = fmt.Fprintf(out, "verified: size %d, %d inclusion and %d consistency proofs\n",
		doc.Size, len(doc.Inclusion), len(doc.Consistency))
	return err
}

func verifyLeaves(doc tlogDocument, root tlog.Hash) error {
	if doc.Leaves == nil {
		return nil
	}
	if int64(len(doc.Leaves)) != doc.Size {
		return errors.New("size is not the number of leaves")
	}
	computed, err := rootOf(doc.Leaves)
	if err != nil {
		return err
	}
	if computed != root {
		return errors.New("root is not the root of the leaves")
	}
	return nil
}
