package main

import (
	"errors"
)

const (
	recordAlert     = 21
	recordHandshake = 22
	serverHello     = 2
	tls12           = 0x0303
	tls13           = 0x0304
)

var errNotTLS = errors.New("its answer is not TLS")

// clientHello offers TLS 1.3 and 1.2 with what every server has (RFC 8446, section 4.1.2). Its random and its key are zeros and ones:
// no handshake is ended with them.
func clientHello() []byte {
	key := make([]byte, 32)
	key[0] = 9 // the base point of Curve25519
	extensions := join(
		extension(43, sized(1, u16(tls13), u16(tls12))),                             // supported_versions
		extension(10, sized(2, u16(29), u16(23))),                                   // supported_groups: x25519, secp256r1
		extension(13, sized(2, u16(0x0403), u16(0x0804), u16(0x0807), u16(0x0401))), // signature_algorithms
		extension(51, sized(2, u16(29), sized(2, key))),                             // key_share
	)
	body := join(
		u16(tls12),
		make([]byte, 32),
		sized(1), // session
		sized(2, u16(0x1301), u16(0x1302), u16(0x1303), u16(0xc02b), u16(0xc02f), u16(0xc02c), u16(0xc030)),
		sized(1, []byte{0}), // no compression
		sized(2, extensions),
	)
	return join([]byte{recordHandshake}, u16(0x0301), sized(2, []byte{1}, sized(3, body)))
}

// checkTLS is content with the server's hello: whoever sends it has read ours, and lives.
func checkTLS(at target) error {
	const head = 6 // of a record, and the first byte in it
	answer, err := exchange(at, clientHello(), head)
	if len(answer) > 0 && answer[0] != recordHandshake && answer[0] != recordAlert {
		return errNotTLS
	}
	if err != nil {
		return err
	}
	if answer[0] == recordAlert {
		return errors.New("it refuses the TLS handshake")
	}
	if answer[1] != 3 || answer[5] != serverHello {
		return errNotTLS
	}
	return nil
}

// checkTLSOrHTTP is for a server whose settings say which of both it speaks.
func checkTLSOrHTTP(at target) error {
	inTLS := checkTLS(at)
	if inTLS == nil {
		return nil
	}
	if inHTTP := checkHTTP(at); inHTTP != nil {
		return errors.New("TLS: " + inTLS.Error() + "; HTTP: " + inHTTP.Error())
	}
	return nil
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func u16(number int) []byte { return []byte{byte(number >> 8), byte(number)} }

// sized puts the length before the parts, in `width` bytes.
func sized(width int, parts ...[]byte) []byte {
	body := join(parts...)
	var length []byte
	for shift := 8 * (width - 1); shift >= 0; shift -= 8 {
		length = append(length, byte(len(body)>>shift))
	}
	return append(length, body...)
}

func extension(kind int, body []byte) []byte { return join(u16(kind), sized(2, body)) }
