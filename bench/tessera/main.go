// The peer of bench/ledger.mjs: Tessera's POSIX driver with OUTSTANDING appends of SIZE bytes always under way for SECONDS.
// An append counts, by the last argument, when it is
//
//	published   a signed checkpoint that covers it is on the disk: what our ledger's answer means. Tessera publishes at most
//	            one checkpoint every 100 ms (its least interval for this driver);
//	integrated  its future resolves: entry and tiles are on the disk, no signed head yet.
//
// Batches as large as what is outstanding, or 50 ms old, were the fastest for it of what was tried.
// Prints one JSON line. Arguments: folder outstanding seconds sizeBytes published|integrated [batchSize batchMaxAgeMs].
package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	must(0, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime)
}

func number(index, preset int) int {
	if len(os.Args) <= index {
		return preset
	}
	return must(strconv.Atoi(os.Args[index]))
}

type run struct {
	appender    *tessera.Appender
	outstanding int
	sizeBytes   int
	// wait resolves when the append counts.
	wait func(context.Context, tessera.IndexFuture) error
}

// do keeps appends under way for a while and returns the latency of each in milliseconds.
func (r run) do(ctx context.Context, length time.Duration) []float64 {
	until := time.Now().Add(length)
	latencies := make([][]float64, r.outstanding)
	var group sync.WaitGroup
	for worker := range r.outstanding {
		group.Add(1)
		go func() {
			defer group.Done()
			for count := uint32(0); time.Now().Before(until); count++ {
				data := make([]byte, r.sizeBytes)
				must(rand.Read(data))
				binary.LittleEndian.PutUint32(data, count)
				before := time.Now()
				must(0, r.wait(ctx, r.appender.Add(ctx, tessera.NewEntry(data))))
				latencies[worker] = append(latencies[worker], float64(time.Since(before).Microseconds())/1000)
			}
		}()
	}
	group.Wait()
	var all []float64
	for _, each := range latencies {
		all = append(all, each...)
	}
	sort.Float64s(all)
	return all
}

func main() {
	ctx := context.Background()
	folder, outstanding, seconds, sizeBytes := os.Args[1], number(2, 1024), number(3, 5), number(4, 256)
	batchSize, batchMaxAgeMs := number(6, outstanding), number(7, 50)

	secret, _, err := note.GenerateKey(rand.Reader, "lucid.invalid/bench")
	must(0, err)
	driver := must(posix.New(ctx, posix.Config{Path: folder}))
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(must(note.NewSigner(secret))).
		WithBatching(uint(batchSize), time.Duration(batchMaxAgeMs)*time.Millisecond).
		WithCheckpointInterval(100 * time.Millisecond).
		WithPushback(uint(4 * outstanding))
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	must(0, err)

	wait := func(_ context.Context, future tessera.IndexFuture) error {
		_, err := future()
		return err
	}
	if os.Args[5] == "published" {
		awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 5*time.Millisecond)
		wait = func(ctx context.Context, future tessera.IndexFuture) error {
			_, _, err := awaiter.Await(ctx, future)
			return err
		}
	}
	r := run{appender, outstanding, sizeBytes, wait}
	r.do(ctx, time.Second)
	cpu, start := cpuSeconds(), time.Now()
	all := r.do(ctx, time.Duration(seconds)*time.Second)
	used, elapsed := cpuSeconds()-cpu, time.Since(start).Seconds()
	must(0, shutdown(ctx))

	at := func(share float64) float64 { return all[min(len(all)-1, int(float64(len(all))*share))] }
	must(0, json.NewEncoder(os.Stdout).Encode(map[string]any{
		"entriesPerSecond":        int(float64(len(all)) / elapsed),
		"p50Ms":                   at(0.5),
		"p99Ms":                   at(0.99),
		"cpuSeconds":              used,
		"cpuMicrosecondsPerEntry": used * 1e6 / float64(len(all)),
		"entries":                 len(all),
	}))
}
