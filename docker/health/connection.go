package main

import (
	"errors"
	"io"
	"syscall"
)

// connection is a blocking socket.
type connection int

func connect(at target) (connection, error) {
	v4, isV6, _ := loopback(at.host)
	family := syscall.AF_INET
	var address syscall.Sockaddr = &syscall.SockaddrInet4{Port: at.port, Addr: v4}
	if isV6 {
		family = syscall.AF_INET6
		address = &syscall.SockaddrInet6{Port: at.port, Addr: [16]byte{15: 1}}
	}
	socket, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err == nil {
		err = syscall.Connect(socket, address)
	}
	return connection(socket), err
}

func (c connection) close() { syscall.Close(int(c)) }

func (c connection) send(bytes []byte) error {
	for len(bytes) > 0 {
		sent, err := syscall.SendmsgN(int(c), bytes, nil, nil, syscall.MSG_NOSIGNAL)
		if err != nil && err != syscall.EINTR {
			return err
		}
		bytes = bytes[max(sent, 0):]
	}
	return nil
}

// Read is that of io.Reader.
func (c connection) Read(into []byte) (int, error) {
	for {
		count, err := syscall.Read(int(c), into)
		if err == syscall.EINTR {
			continue
		}
		if err == nil && count == 0 {
			return 0, io.EOF
		}
		return max(count, 0), err
	}
}

// exchange sends a request on a new connection and reads `size` bytes of the answer.
func exchange(at target, request []byte, size int) ([]byte, error) {
	c, err := connect(at)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.send(request); err != nil {
		return nil, err
	}
	answer := make([]byte, size)
	count, err := io.ReadFull(c, answer)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return answer[:count], errors.New("it hangs up in the middle of its answer")
	}
	return answer[:count], err
}

// firstLine sends a request and reads the first line of the answer, without its end.
func firstLine(at target, request string) (string, error) {
	c, err := connect(at)
	if err != nil {
		return "", err
	}
	defer c.close()
	if err := c.send([]byte(request)); err != nil {
		return "", err
	}
	const longest = 512
	var line []byte
	piece := make([]byte, longest)
	for len(line) < longest {
		count, err := c.Read(piece)
		if err == io.EOF {
			return "", errors.New("it hangs up in the middle of its answer")
		}
		if err != nil {
			return "", err
		}
		for _, each := range piece[:count] {
			if each == '\n' {
				return string(line), nil
			}
			if each != '\r' {
				line = append(line, each)
			}
		}
	}
	return "", errors.New("its answer has no end of line")
}
