// Command lucid-health asks one server of its own machine whether it works: `lucid-health TARGET`, or LUCID_HEALTH in the environment.
// It prints one line and exits with 0 where the answer is good, with 1 otherwise, after two seconds at the latest. It needs no shell,
// no resolver and no certificate, and speaks to loopback only; redirects are not followed.
//
// Without the packages net and fmt it is half as large, and it lies in every image.
package main

import (
	"os"
	"time"
)

const limit = 2 * time.Second

const usage = "usage: lucid-health TARGET, as in http://127.0.0.1:8087/health, tls:127.0.0.1:8080, any://127.0.0.1:8080/health " +
	"(TLS, else HTTP), tcp:127.0.0.1:22, tor:127.0.0.1:9051, redis:127.0.0.1:6379, mongodb:127.0.0.1:27017"

func end(code int, line string) {
	os.Stdout.WriteString(line + "\n")
	os.Exit(code)
}

func main() {
	words := os.Args[1:]
	if preset := os.Getenv("LUCID_HEALTH"); len(words) == 0 && preset != "" {
		words = []string{preset}
	}
	if len(words) != 1 {
		end(1, usage)
	}
	if words[0] == "confinement" {
		if err := tellConfinement(); err != nil {
			end(1, err.Error())
		}
		return
	}
	at, err := parseTarget(words[0])
	if err != nil {
		end(1, "target "+words[0]+": "+err.Error())
	}
	// Calls below block; what does not end in time ends here.
	time.AfterFunc(limit, func() { end(1, words[0]+": no answer within "+limit.String()) })
	if err := at.check(at); err != nil {
		end(1, words[0]+": "+err.Error())
	}
	end(0, words[0]+": ok")
}
