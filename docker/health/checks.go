package main

import (
	"errors"
	"strconv"
	"strings"
)

func checkTCP(at target) error {
	c, err := connect(at)
	if err == nil {
		c.close()
	}
	return err
}

// checkHTTP wants status 200 (RFC 9112, section 4).
func checkHTTP(at target) error {
	line, err := firstLine(at, "GET "+at.path+" HTTP/1.1\r\nHost: "+at.host+":"+strconv.Itoa(at.port)+
		"\r\nUser-Agent: lucid-health\r\nAccept: */*\r\nConnection: close\r\n\r\n")
	if err != nil {
		return err
	}
	version, rest, _ := strings.Cut(line, " ")
	status, _, _ := strings.Cut(rest, " ")
	if version != "HTTP/1.1" && version != "HTTP/1.0" {
		return errors.New("its answer is not HTTP")
	}
	if status != "200" {
		return errors.New("status " + printable(status) + ", expected 200")
	}
	return nil
}

// checkTor asks Tor's control port what it speaks; that needs no password (control-spec, PROTOCOLINFO).
func checkTor(at target) error {
	return expectLine(at, "PROTOCOLINFO 1\r\nQUIT\r\n", "250-PROTOCOLINFO 1")
}

// checkRedis takes a demand for a password as an answer: the server works, and the checker has no secret.
func checkRedis(at target) error { return expectLine(at, "PING\r\n", "+PONG", "-NOAUTH ") }

// expectLine wants a first line that begins with one of `good`.
func expectLine(at target, request string, good ...string) error {
	line, err := firstLine(at, request)
	if err != nil {
		return err
	}
	for _, each := range good {
		if strings.HasPrefix(line, each) {
			return nil
		}
	}
	return errors.New("its answer is not " + strings.TrimSpace(good[0]) + " but " + printable(line))
}

// printable makes of what a stranger sent something short that a terminal can show.
func printable(text string) string {
	const longest = 60
	out := []byte(text[:min(len(text), longest)])
	for index, each := range out {
		if each < ' ' || each > '~' {
			out[index] = '?'
		}
	}
	if len(out) == 0 {
		return "empty"
	}
	return string(out)
}
