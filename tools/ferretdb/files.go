package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // registers the driver

	"github.com/FerretDB/FerretDB/internal/handler/sjson"
	"github.com/FerretDB/FerretDB/internal/types"
)

// byID is how FerretDB's statements name the identifier of a document. Its own index is on another expression, so that SQLite reads
// the whole table for each of them.
const byID = `_ferretdb_sjson->'$._id'`

// byText is a text in a document, such as x.state. A value that is no text is not found by it.
func byText(field string) string { return `json_extract(_ferretdb_sjson, '$.` + field + `')` }

// files are the databases of FerretDB, one SQLite file each, over connections of our own: for indexes that it does not know of, and
// for what can be found by them.
type files struct {
	folder  string
	mutex   sync.Mutex
	open    map[string]*sql.DB
	indexed map[string]bool // database/collection/expression
}

func newFiles(folder string) *files {
	return &files{folder: folder, open: map[string]*sql.DB{}, indexed: map[string]bool{}}
}

func (f *files) database(name string) (*sql.DB, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if db := f.open[name]; db != nil {
		return db, nil
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(f.folder, name+".sqlite")+"?mode=rw&_pragma=busy_timeout(10000)")
	if err == nil {
		f.open[name] = db
	}
	return db, err
}

// forget is called where collections went away or have another name.
func (f *files) forget(database string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if db := f.open[database]; db != nil {
		db.Close()
		delete(f.open, database)
	}
	for key := range f.indexed {
		if strings.HasPrefix(key, database+"/") {
			delete(f.indexed, key)
		}
	}
}

func tableOf(ctx context.Context, db *sql.DB, collection string) (table string, err error) {
	err = db.QueryRowContext(ctx, `SELECT table_name FROM _ferretdb_collections WHERE name = ?`, collection).Scan(&table)
	return table, err
}

// index makes an index on an expression, once.
func (f *files) index(ctx context.Context, database, collection, expression string) error {
	key := database + "/" + collection + "/" + expression
	f.mutex.Lock()
	done := f.indexed[key]
	f.mutex.Unlock()
	if done {
		return nil
	}
	db, err := f.database(database)
	if err != nil {
		return err
	}
	table, err := tableOf(ctx, db, collection)
	if err != nil {
		return err
	}
	name := quoted("lucid " + table + " " + expression)
	if _, err := db.ExecContext(ctx, `CREATE INDEX IF NOT EXISTS `+name+` ON `+quoted(table)+` (`+expression+`)`); err != nil {
		return err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.indexed[key] = true
	return nil
}

// bound is one side of a range, as `>=` and a text.
type bound struct {
	operator string
	text     string
}

// find reads the documents whose expression lies within the bounds.
func (f *files) find(ctx context.Context, database, collection, expression string, bounds []bound) ([]*types.Document, error) {
	db, err := f.database(database)
	if err != nil {
		return nil, err
	}
	table, err := tableOf(ctx, db, collection)
	if err != nil {
		return nil, err
	}
	var conditions []string
	var texts []any
	for _, each := range bounds {
		conditions = append(conditions, expression+" "+each.operator+" ?")
		texts = append(texts, each.text)
	}
	rows, err := db.QueryContext(ctx, `SELECT _ferretdb_sjson FROM `+quoted(table)+` WHERE `+strings.Join(conditions, " AND "), texts...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []*types.Document
	for rows.Next() {
		var bytes []byte
		if err := rows.Scan(&bytes); err != nil {
			return nil, err
		}
		document, err := sjson.Unmarshal(bytes)
		if err != nil {
			return nil, err
		}
		found = append(found, document)
	}
	return found, rows.Err()
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
