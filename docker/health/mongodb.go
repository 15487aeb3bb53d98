package main

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// A message of MongoDB's wire protocol: length, request, answer to, kind of operation, flags, section 0, and one document in BSON.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/, https://bsonspec.org/spec.html
const (
	messageHead  = 21
	opMsg        = 2013
	request      = 1
	longestReply = 64 << 10
)

var errNotMongoDB = errors.New("its answer is not MongoDB's")

func hello() []byte {
	document := "\x10hello\x00\x01\x00\x00\x00" + "\x02$db\x00\x06\x00\x00\x00admin\x00" + "\x00"
	size := messageHead + 4 + len(document)
	var message []byte
	for _, number := range []int{size, request, 0, opMsg, 0} {
		message = binary.LittleEndian.AppendUint32(message, uint32(number))
	}
	message = append(message, 0)
	message = binary.LittleEndian.AppendUint32(message, uint32(4+len(document)))
	return append(message, document...)
}

// checkMongoDB says hello, which needs no password, and wants `ok: 1`.
func checkMongoDB(at target) error {
	c, err := connect(at)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.send(hello()); err != nil {
		return err
	}
	document, err := readReply(c)
	if err != nil {
		return err
	}
	if ok, err := number(document, "ok"); err != nil || ok != 1 {
		return errors.New("it answers hello without ok: 1")
	}
	return nil
}

func readReply(from io.Reader) ([]byte, error) {
	head := make([]byte, messageHead)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, errNotMongoDB
	}
	field := func(at int) uint32 { return binary.LittleEndian.Uint32(head[at:]) }
	size := field(0)
	if size < messageHead+5 || size > longestReply || field(8) != request || field(12) != opMsg || head[20] != 0 {
		return nil, errNotMongoDB
	}
	document := make([]byte, size-messageHead)
	if _, err := io.ReadFull(from, document); err != nil {
		return nil, errNotMongoDB
	}
	return document, nil
}

// number finds a number at the top of a document.
func number(document []byte, name string) (float64, error) {
	rest := document[4:]
	for len(rest) > 0 && rest[0] != 0 {
		kind := rest[0]
		end := 1
		for end < len(rest) && rest[end] != 0 {
			end++
		}
		if end == len(rest) {
			return 0, errNotMongoDB
		}
		found, value := string(rest[1:end]), rest[end+1:]
		size, known := sizeOf(kind, value)
		if !known || size > len(value) {
			return 0, errNotMongoDB
		}
		if found == name && kind == 0x01 {
			return math.Float64frombits(binary.LittleEndian.Uint64(value)), nil
		}
		if found == name && kind == 0x10 {
			return float64(int32(binary.LittleEndian.Uint32(value))), nil
		}
		rest = value[size:]
	}
	return 0, errNotMongoDB
}

// sizeOf gives the bytes of a value of the kinds that an answer to hello holds.
func sizeOf(kind byte, value []byte) (int, bool) {
	prefixed := func(more int) (int, bool) {
		if len(value) < 4 {
			return 0, false
		}
		size := int(binary.LittleEndian.Uint32(value))
		return size + more, size <= len(value)
	}
	switch kind {
	case 0x0a: // null
		return 0, true
	case 0x08: // boolean
		return 1, true
	case 0x10: // int32
		return 4, true
	case 0x01, 0x09, 0x11, 0x12: // double, date, timestamp, int64
		return 8, true
	case 0x07: // identifier
		return 12, true
	case 0x03, 0x04: // document, array: their size counts itself
		return prefixed(0)
	case 0x02: // string
		return prefixed(4)
	case 0x05: // binary: size and kind
		return prefixed(5)
	}
	return 0, false
}
