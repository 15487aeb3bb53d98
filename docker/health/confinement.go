package main

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// `lucid-health confinement` tells what the process with number 1 may do here, as lines of a word and a value, for the gate over all
// images (tools/images/check): there is no shell to find out with. It tries to make a file in every directory, and removes it again.

// kernelFiles are no place to keep files in.
var kernelFiles = map[string]bool{
	"proc": true, "sysfs": true, "cgroup": true, "cgroup2": true, "devpts": true, "mqueue": true,
}

const searchable = 1 // X_OK of access(2)

func tellConfinement() error {
	status, err := os.ReadFile("/proc/1/status")
	if err != nil {
		return err
	}
	fields := statusFields(string(status))
	for _, name := range []string{"Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"} {
		tell(name, firstWord(fields[name]))
	}
	processes, err := countProcesses()
	if err != nil {
		return err
	}
	tell("Processes", strconv.Itoa(processes))
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	readOnly := 0
	for _, place := range directoryMounts(string(mounts)) {
		readOnly += tryWriting(place, place == "/")
	}
	tell("ReadOnly", strconv.Itoa(readOnly))
	return nil
}

func tell(name, value string) { os.Stdout.WriteString(name + " " + value + "\n") }

func statusFields(status string) map[string]string {
	fields := map[string]string{}
	for _, line := range strings.Split(status, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			fields[name] = strings.TrimSpace(value)
		}
	}
	return fields
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, "\t")
	return word
}

// countProcesses leaves out this one.
func countProcesses() (int, error) {
	entries, err := os.ReadDir("/proc")
	count := 0
	for _, entry := range entries {
		if number, err := strconv.Atoi(entry.Name()); err == nil && number != os.Getpid() {
			count++
		}
	}
	return count, err
}

// directoryMounts gives the places where file systems are mounted (proc(5), mountinfo), but for those of the kernel.
func directoryMounts(mountinfo string) []string {
	var places []string
	for _, line := range strings.Split(mountinfo, "\n") {
		before, after, ok := strings.Cut(line, " - ")
		words := strings.Fields(before)
		if !ok || len(words) < 5 || kernelFiles[firstField(after)] {
			continue
		}
		if status, err := os.Stat(words[4]); err == nil && status.IsDir() {
			places = append(places, words[4])
		}
	}
	return places
}

func firstField(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// tryWriting walks the directories of one file system, tells those in which a file can be made and, of the image, those that can be
// entered and that only permissions keep it from writing to; and counts those that the kernel calls read-only.
func tryWriting(folder string, ofImage bool) (readOnly int) {
	var top syscall.Stat_t
	if syscall.Lstat(folder, &top) != nil {
		return 0
	}
	switch err := tryFile(folder); {
	case err == nil:
		tell("Writable", folder)
		return 0
	case errors.Is(err, syscall.EROFS):
		readOnly++
	case ofImage && syscall.Access(folder, searchable) == nil:
		tell("Guarded", folder)
	}
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		below := strings.TrimSuffix(folder, "/") + "/" + entry.Name()
		var status syscall.Stat_t
		if entry.IsDir() && syscall.Lstat(below, &status) == nil && status.Dev == top.Dev {
			readOnly += tryWriting(below, ofImage)
		}
	}
	return readOnly
}

func tryFile(folder string) error {
	path := strings.TrimSuffix(folder, "/") + "/.lucid-health-" + strconv.Itoa(os.Getpid())
	file, err := syscall.Open(path, syscall.O_CREAT|syscall.O_EXCL|syscall.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	syscall.Close(file)
	return syscall.Unlink(path)
}
