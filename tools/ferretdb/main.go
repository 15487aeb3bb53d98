// Command ferretdb serves MongoDB's wire protocol by FerretDB over SQLite, where MongoDB itself is not to be had.
//
//   - `ferretdb FOLDER` is for tests: no password, a free port of loopback, whose address it prints; it ends when its standard input
//     does, so that it never outlives a test.
//   - `ferretdb` is the container: port 27017, data in /data/db, and the variables of the image mongo for its one user.
//
// FerretDB reads the documents of an update and writes them back in two steps, so that of two clients that compare and set the same
// document both can win. MongoDB updates a document in one step; therefore commands that write pass here one at a time.
//
// The module's path lies below FerretDB's, because what Go calls internal there is needed: FerretDB's embedded form has no users.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"github.com/FerretDB/wire"

	"github.com/FerretDB/FerretDB/build/version"
	"github.com/FerretDB/FerretDB/internal/backends"
	"github.com/FerretDB/FerretDB/internal/backends/sqlite"
	"github.com/FerretDB/FerretDB/internal/clientconn"
	"github.com/FerretDB/FerretDB/internal/clientconn/conninfo"
	"github.com/FerretDB/FerretDB/internal/clientconn/connmetrics"
	"github.com/FerretDB/FerretDB/internal/handler"
	"github.com/FerretDB/FerretDB/internal/handler/users"
	"github.com/FerretDB/FerretDB/internal/util/password"
	"github.com/FerretDB/FerretDB/internal/util/state"
)

const (
	usernameVariable = "MONGO_INITDB_ROOT_USERNAME"
	passwordVariable = "MONGO_INITDB_ROOT_PASSWORD_FILE"
	dataFolder       = "/data/db"
	usersDatabase    = "admin"
	batchDocuments   = 100 // what FerretDB takes where nothing is said
)

var writing = []string{
	"insert", "update", "delete", "findAndModify", "findandmodify", "create", "createIndexes", "drop", "dropDatabase", "dropIndexes",
	"renameCollection", "collMod", "compact", "createUser", "updateUser", "dropUser", "dropAllUsersFromDatabase",
}

// user is nobody where its name is empty: then no password is asked for.
type user struct {
	name   string
	secret password.Password
}

type server struct {
	listener *clientconn.Listener
	backend  backends.Backend
	write    sync.Mutex
}

// ferretVersion is that of the module, as v1.24.2.
func ferretVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/FerretDB/FerretDB" {
				return module.Version
			}
		}
	}
	return "of an unknown version"
}

func newServer(address, folder string, only user, log *slog.Logger) (*server, error) {
	version.Get().Version = ferretVersion()
	version.Get().Package = "embedded"
	provider, err := state.NewProvider("")
	if err != nil {
		return nil, err
	}
	if err := provider.Update(func(s *state.State) {
		s.DisableTelemetry()
		s.TelemetryLocked = true
	}); err != nil {
		return nil, err
	}
	backend, err := sqlite.NewBackend(&sqlite.NewBackendParams{URI: "file:" + folder + "/", L: log, P: provider, BatchSize: batchDocuments})
	if err != nil {
		return nil, err
	}
	if only.name != "" {
		if err := ensureUser(backend, only); err != nil {
			return nil, err
		}
	}
	metrics := connmetrics.NewListenerMetrics()
	handle, err := handler.New(&handler.NewOpts{
		Backend:       lookupBackend{backend, newFiles(folder)},
		TCPHost:       address,
		L:             log,
		ConnMetrics:   metrics.ConnMetrics,
		StateProvider: provider,
		EnableNewAuth: only.name != "",
		BatchSize:     batchDocuments,
		// Fields in fields reach the look-up too.
		EnableNestedPushdown: true,
	})
	if err != nil {
		return nil, err
	}
	s := &server{backend: backend}
	for _, name := range writing {
		if command := handle.Commands()[name]; command != nil {
			command.Handler = s.oneAtATime(command.Handler)
		}
	}
	s.listener, err = clientconn.Listen(&clientconn.NewListenerOpts{
		TCP: address, Mode: clientconn.NormalMode, Metrics: metrics, Handler: handle, Logger: log,
	})
	return s, err
}

type handle = func(context.Context, *wire.OpMsg) (*wire.OpMsg, error)

func (s *server) oneAtATime(next handle) handle {
	return func(ctx context.Context, request *wire.OpMsg) (*wire.OpMsg, error) {
		s.write.Lock()
		defer s.write.Unlock()
		return next(ctx, request)
	}
}

// ensureUser makes the user where there is none of its name. As with MongoDB, a user that is there keeps its password.
func ensureUser(backend backends.Backend, only user) error {
	info := conninfo.New()
	info.SetBypassBackendAuth()
	err := users.CreateUser(conninfo.Ctx(context.Background(), info), backend, &users.CreateUserParams{
		Database: usersDatabase, Username: only.name, Password: only.secret,
	})
	if backends.ErrorCodeIs(err, backends.ErrorCodeInsertDuplicateID) {
		return nil
	}
	return err
}

// close lets the write in progress end, and no other begin.
func (s *server) close() {
	s.write.Lock()
	s.backend.Close()
}

func serveTest(folder string) error {
	s, err := newServer("127.0.0.1:0", folder, user{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	go s.listener.Run(context.Background())
	fmt.Printf("mongodb://%s/\n", s.listener.TCPAddr())
	_, err = io.Copy(io.Discard, os.Stdin)
	s.close()
	return err
}

func onlyUser() (user, error) {
	name, path := os.Getenv(usernameVariable), os.Getenv(passwordVariable)
	if name == "" || path == "" {
		return user{}, fmt.Errorf("%s and %s are to be set: without a user anybody could write here", usernameVariable, passwordVariable)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return user{}, fmt.Errorf("%s names a file that cannot be read: %w", passwordVariable, err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return user{}, fmt.Errorf("%s names %s, which is empty", passwordVariable, path)
	}
	return user{name, password.WrapPassword(secret)}, nil
}

func serveContainer() error {
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelWarn}))
	name := "FerretDB " + ferretVersion() + " over SQLite"
	log.Warn("stand-in for mongo:7: "+name+"; production runs mongo:7", slog.String("service", "mongodb"), slog.String("mongodb", name))
	only, err := onlyUser()
	if err != nil {
		return err
	}
	if probe, err := os.CreateTemp(dataFolder, ".probe-"); err != nil {
		return fmt.Errorf("nothing can be written to %s, give that volume to user %d: %w", dataFolder, os.Getuid(), err)
	} else {
		probe.Close()
		os.Remove(probe.Name())
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	s, err := newServer("0.0.0.0:27017", dataFolder, only, log)
	if err != nil {
		return err
	}
	go s.listener.Run(context.Background())
	<-ended
	s.close()
	return nil
}

func run(words []string) error {
	switch len(words) {
	case 0:
		return serveContainer()
	case 1:
		return serveTest(words[0])
	}
	return errors.New("usage: ferretdb [FOLDER]")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
