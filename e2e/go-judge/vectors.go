package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// vectorNote is one note with what note.Open says of it under the keys "good" to be known.
type vectorNote struct {
	Name string `json:"name"`
	Note string `json:"note"`
	// Accepted is note.Open's verdict, Error its text where it refused.
	Accepted bool   `json:"accepted"`
	Error    string `json:"error,omitempty"`
	Text     string `json:"text,omitempty"`
	// SignedBy lists the indexes of the known keys that signed.
	SignedBy []int `json:"signedBy,omitempty"`
	Unknown  int   `json:"unknown"`
}

type vectorKey struct {
	Name      string `json:"name"`
	Seed      string `json:"seed"`
	PublicKey string `json:"publicKey"`
	KeyID     string `json:"keyId"`
	Alg       int    `json:"alg"`
	VKey      string `json:"vkey"`
	Known     bool   `json:"known"`
}

type vectors struct {
	Origin string       `json:"origin"`
	Keys   []vectorKey  `json:"keys"`
	Notes  []vectorNote `json:"notes"`
}

// seedOf is fixed by the name, so that the vectors are the same each time.
func seedOf(name string) []byte {
	sum := sha256.Sum256([]byte("lucid signed-note vectors " + name))
	return sum[:]
}

type cosigner struct {
	cosignatureVerifier
	private ed25519.PrivateKey
	seconds uint64
}

func (c cosigner) Sign(msg []byte) ([]byte, error) {
	sig := binary.BigEndian.AppendUint64(nil, c.seconds)
	return append(sig, ed25519.Sign(c.private, cosignedMessage(msg, c.seconds))...), nil
}

// keyPair makes signer and verifier through x/mod (algorithm 1).
func keyPair(name string, known bool) (vectorKey, note.Signer, error) {
	seed := seedOf(name)
	skey, vkey, err := note.GenerateKey(bytes.NewReader(seed), name)
	if err != nil {
		return vectorKey{}, nil, err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return vectorKey{}, nil, err
	}
	// The secret key text ends in BASE64(1 || seed): GenerateKey may draw its seed as it likes.
	raw, err := base64.StdEncoding.DecodeString(skey[strings.LastIndex(skey, "+")+1:])
	if err != nil || len(raw) != 33 {
		// The base64 may hold plus signs itself; then take what follows the fourth one.
		parts := strings.SplitN(skey, "+", 5)
		if raw, err = base64.StdEncoding.DecodeString(parts[4]); err != nil {
			return vectorKey{}, nil, err
		}
	}
	public := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	key := vectorKey{name, hex.EncodeToString(raw[1:]), hex.EncodeToString(public),
		fmt.Sprintf("%08x", signer.KeyHash()), 1, vkey, known}
	return key, signer, nil
}

func cosignerPair(name string, seconds uint64) (vectorKey, cosigner) {
	seed := seedOf(name)
	private := ed25519.NewKeyFromSeed(seed)
	public := private.Public().(ed25519.PublicKey)
	c := cosigner{cosignatureVerifier{name, public}, private, seconds}
	id := fmt.Sprintf("%08x", c.KeyHash())
	vkey := name + "+" + id + "+" + base64.StdEncoding.EncodeToString(append([]byte{algCosignatureV1}, public...))
	return vectorKey{name, hex.EncodeToString(seed), hex.EncodeToString(public), id, algCosignatureV1, vkey, true}, c
}

// judge lets x/mod decide.
func judge(name, msg string, keys []vectorKey, verifiers []note.Verifier) vectorNote {
	v := vectorNote{Name: name, Note: msg}
	n, err := note.Open([]byte(msg), note.VerifierList(verifiers...))
	if err != nil {
		v.Error = err.Error()
		if unverified, ok := err.(*note.UnverifiedNoteError); ok {
			v.Error, v.Unknown = "note has no verifiable signatures", len(unverified.Note.UnverifiedSigs)
		}
		return v
	}
	v.Accepted, v.Text, v.Unknown = true, n.Text, len(n.UnverifiedSigs)
	for _, sig := range n.Sigs {
		for i, key := range keys {
			if key.Known && key.Name == sig.Name && key.KeyID == fmt.Sprintf("%08x", sig.Hash) {
				v.SignedBy = append(v.SignedBy, i)
			}
		}
	}
	return v
}

func printVectors(out io.Writer) error {
	logKey, logSigner, err := keyPair("lucid.invalid/log", true)
	if err != nil {
		return err
	}
	otherKey, otherSigner, err := keyPair("lucid.invalid/other", true)
	if err != nil {
		return err
	}
	strangerKey, strangerSigner, err := keyPair("stranger.invalid", false)
	if err != nil {
		return err
	}
	witnessKey, witness := cosignerPair("witness.invalid/w1", 1767225600)
	doc := vectors{
		Origin: "golang.org/x/mod v0.42.0 sumdb/note and sumdb/tlog; e2e/go-judge, go run . vectors",
		Keys:   []vectorKey{logKey, otherKey, strangerKey, witnessKey},
	}
	var verifiers []note.Verifier
	for _, key := range doc.Keys {
		if !key.Known {
			continue
		}
		v, err := newVerifier(key.VKey)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, v)
	}
	tree := string(tlog.FormatTree(tlog.Tree{N: 33, Hash: tlog.RecordHash([]byte("lucid"))}))
	checkpoint := "lucid.invalid/log\n" + strings.SplitN(tree, "\n", 2)[1]
	sign := func(text string, signers ...note.Signer) string {
		msg, signErr := note.Sign(&note.Note{Text: text}, signers...)
		if signErr != nil {
			err = signErr
		}
		return string(msg)
	}
	one := sign(checkpoint, logSigner)
	all := sign(checkpoint, logSigner, otherSigner, strangerSigner, witness)
	add := func(name, msg string) { doc.Notes = append(doc.Notes, judge(name, msg, doc.Keys, verifiers)) }
	good := []struct{ name, msg string }{
		{"one signature", one},
		{"all signatures and a cosignature", all},
		{"unknown signature first", sign(checkpoint, strangerSigner, logSigner)},
		{"signed twice by one key", one + one[strings.LastIndex(one, "\u2014"):]},
		{"blank lines inside the text", sign("a\n\nb\n\n\nc\n", logSigner)},
		{"text looks like a signature", sign(one, otherSigner)},
		{"text of one newline", sign("\n", logSigner)},
		{"unicode text", sign("r\u00e9sum\u00e9 \U0001f600 \ufeff\n", logSigner)},
		{"delete character in the text", sign("a\u007fb\n", logSigner)},
		{"only unknown signatures", sign(checkpoint, strangerSigner)},
	}
	for _, each := range good {
		add(each.name, each.msg)
	}
	for _, each := range mutations(one, all) {
		add(each[0], each[1])
	}
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(doc)
}

func mutations(one, all string) [][2]string {
	split := strings.LastIndex(one, "\n\n")
	text, line := one[:split+1], one[split+2:]
	base := line[strings.LastIndex(line, " ")+1 : len(line)-1]
	raw, _ := base64.StdEncoding.DecodeString(base)
	with := func(b []byte) string {
		return text + "\n\u2014 lucid.invalid/log " + base64.StdEncoding.EncodeToString(b) + "\n"
	}
	flipped := func(at int) []byte {
		b := bytes.Clone(raw)
		b[at] ^= 1
		return b
	}
	many := func(n int) string {
		return text + "\n" + line + strings.Repeat("\u2014 stranger.invalid AAAAAAAA\n", n-1)
	}
	return [][2]string{
		{"text changed", strings.Replace(one, "33", "34", 1)},
		{"signature bit flipped", with(flipped(4))},
		{"last signature bit flipped", with(flipped(len(raw) - 1))},
		{"key id flipped", with(flipped(0))},
		{"signature short by a byte", with(raw[:len(raw)-1])},
		{"signature long by a byte", with(append(bytes.Clone(raw), 0))},
		{"key id alone", with(raw[:4])},
		{"cosignature time changed", changeTime(all)},
		{"name changed", strings.Replace(one, "\u2014 lucid.invalid/log", "\u2014 lucid.invalid/lag", 1)},
		{"name with a plus sign", strings.Replace(one, "\u2014 lucid.invalid/log", "\u2014 lucid+invalid", 1)},
		{"name with a no-break space", strings.Replace(one, "\u2014 lucid.invalid/log", "\u2014 lucid\u00a0x", 1)},
		{"two spaces before base64", strings.Replace(one, "log "+base, "log  "+base, 1)},
		{"space behind base64", strings.Replace(one, base, base+" ", 1)},
		{"base64 without padding", strings.Replace(one, base, strings.TrimRight(base, "="), 1)},
		{"base64 of the URL alphabet", text + "\n\u2014 lucid.invalid/log " + strings.Repeat("-", 92) + "\n"},
		{"hyphen for the em dash", strings.Replace(one, "\u2014", "-", 1)},
		{"no blank line", text + line},
		{"no signature", text + "\n"},
		{"no newline at the end", one[:len(one)-1]},
		{"blank line at the end", one + "\n"},
		{"blank line between signatures", one + "\n" + line},
		{"line behind the signatures", one + "x\n"},
		{"carriage returns", strings.ReplaceAll(one, "\n", "\r\n")},
		{"tab in the text", strings.Replace(one, "33", "3\t3", 1)},
		{"zero byte in the text", strings.Replace(one, "33", "3\u00003", 1)},
		{"empty", ""},
		{"a newline", "\n"},
		{"two newlines", "\n\n"},
		{"100 signatures", many(100)},
		{"101 signatures", many(101)},
	}
}

// changeTime moves the cosignature's time by one second without signing anew.
func changeTime(all string) string {
	at := strings.LastIndex(all, " ")
	raw, _ := base64.StdEncoding.DecodeString(strings.TrimSuffix(all[at+1:], "\n"))
	raw[11] ^= 1
	return all[:at+1] + base64.StdEncoding.EncodeToString(raw) + "\n"
}
