package main

import (
	"errors"
	"strconv"
	"strings"
)

// target is `kind:host:port` or `kind://host:port/path`.
type target struct {
	check func(target) error
	host  string // as given, with brackets where it is IPv6
	port  int
	path  string // begins with /
}

var checks = map[string]func(target) error{
	"http":    checkHTTP,
	"tls":     checkTLS,
	"any":     checkTLSOrHTTP,
	"tcp":     checkTCP,
	"tor":     checkTor,
	"redis":   checkRedis,
	"mongodb": checkMongoDB,
}

func parseTarget(text string) (target, error) {
	kind, rest, _ := strings.Cut(text, ":")
	check, ok := checks[kind]
	if !ok {
		return target{}, errors.New("it begins with http:, tls:, any:, tcp:, tor:, redis: or mongodb:")
	}
	place, path, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "/")
	at := strings.LastIndexByte(place, ':')
	if at < 0 {
		return target{}, errors.New("the port is missing, as in " + kind + "://127.0.0.1:8080")
	}
	port, err := strconv.ParseUint(place[at+1:], 10, 16)
	if err != nil || port == 0 {
		return target{}, errors.New("the port is a number from 1 to 65535")
	}
	if strings.ContainsAny(path, " \r\n\t") {
		return target{}, errors.New("the path holds a blank")
	}
	host := place[:at]
	if _, _, ok := loopback(host); !ok {
		return target{}, errors.New("only loopback is asked: 127.0.0.1, [::1] or localhost")
	}
	return target{check: check, host: host, port: int(port), path: "/" + path}, nil
}

// loopback gives the address of a host that is this machine: 127.0.0.0/8, which localhost is a name of, or [::1].
func loopback(host string) (v4 [4]byte, isV6 bool, ok bool) {
	switch host {
	case "localhost":
		return [4]byte{127, 0, 0, 1}, false, true
	case "[::1]":
		return v4, true, true
	}
	parts := strings.Split(host, ".")
	if len(parts) != 4 || parts[0] != "127" {
		return v4, false, false
	}
	for index, part := range parts {
		number, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return v4, false, false
		}
		v4[index] = byte(number)
	}
	return v4, false, true
}
