package main

import (
	"context"
	"errors"
	"regexp"

	"github.com/FerretDB/FerretDB/internal/backends"
	"github.com/FerretDB/FerretDB/internal/types"
	"github.com/FerretDB/FerretDB/internal/util/iterator"
	"github.com/FerretDB/FerretDB/internal/util/must"
)

// FerretDB over SQLite answers most filters by reading the whole collection. It filters what it gets once more, so that here a part
// of a filter is enough to look documents up by: an identifier, several of them, or a range of texts in `x`, where Lucid's document
// store keeps what it searches by (libs/store-mongo); in `x` nothing but texts can be found.

var searched = regexp.MustCompile(`^x\.[A-Za-z][A-Za-z0-9]*$`)

var operators = map[string]string{"$gte": ">=", "$gt": ">", "$lte": "<=", "$lt": "<", "$eq": "="}

type lookupBackend struct {
	backends.Backend
	files *files
}

func (b lookupBackend) Database(name string) (backends.Database, error) {
	database, err := b.Backend.Database(name)
	return lookupDatabase{database, name, b.files}, err
}

func (b lookupBackend) DropDatabase(ctx context.Context, params *backends.DropDatabaseParams) error {
	b.files.forget(params.Name)
	return b.Backend.DropDatabase(ctx, params)
}

type lookupDatabase struct {
	backends.Database
	name  string
	files *files
}

func (d lookupDatabase) Collection(name string) (backends.Collection, error) {
	collection, err := d.Database.Collection(name)
	return lookupCollection{collection, d.name, name, d.files}, err
}

func (d lookupDatabase) DropCollection(ctx context.Context, params *backends.DropCollectionParams) error {
	d.files.forget(d.name)
	return d.Database.DropCollection(ctx, params)
}

func (d lookupDatabase) RenameCollection(ctx context.Context, params *backends.RenameCollectionParams) error {
	d.files.forget(d.name)
	return d.Database.RenameCollection(ctx, params)
}

type lookupCollection struct {
	backends.Collection
	database string
	name     string
	files    *files
}

func (c lookupCollection) InsertAll(ctx context.Context, params *backends.InsertAllParams) (*backends.InsertAllResult, error) {
	result, err := c.Collection.InsertAll(ctx, params)
	if err != nil {
		return nil, err
	}
	return result, c.files.index(ctx, c.database, c.name, byID)
}

func (c lookupCollection) Query(ctx context.Context, params *backends.QueryParams) (*backends.QueryResult, error) {
	// Who reads everything, as the sign-in does its users, gives no parameters.
	if params == nil || params.Sort.Len() > 0 || params.Limit > 0 || params.OnlyRecordIDs {
		return c.Collection.Query(ctx, params)
	}
	if ids := idsOf(params.Filter); ids != nil {
		return c.queryIDs(ctx, params, ids)
	}
	if field, bounds := boundsOf(params.Filter); bounds != nil {
		// The collection may not be there yet.
		if err := c.files.index(ctx, c.database, c.name, byText(field)); err == nil {
			found, err := c.files.find(ctx, c.database, c.name, byText(field), bounds)
			return &backends.QueryResult{Iter: iterator.Values(iterator.ForSlice(found))}, err
		}
	}
	return c.Collection.Query(ctx, params)
}

func (c lookupCollection) queryIDs(ctx context.Context, params *backends.QueryParams, ids []any) (*backends.QueryResult, error) {
	var found []*types.Document
	for _, id := range ids {
		one := *params
		one.Filter = must.NotFail(types.NewDocument("_id", id))
		result, err := c.Collection.Query(ctx, &one)
		if err != nil {
			return nil, err
		}
		documents, err := iterator.ConsumeValues(result.Iter)
		if err != nil {
			return nil, err
		}
		found = append(found, documents...)
	}
	return &backends.QueryResult{Iter: iterator.Values(iterator.ForSlice(found))}, nil
}

// idsOf gives the identifiers that a filter allows, each once, and nil where it does not say.
func idsOf(filter *types.Document) []any {
	id, _ := filter.Get("_id")
	switch id := id.(type) {
	case string, types.ObjectID:
		return []any{id}
	case *types.Document:
		in, _ := id.Get("$in")
		if array, ok := in.(*types.Array); ok && id.Len() == 1 {
			return eachOnce(array)
		}
	}
	return nil
}

func eachOnce(array *types.Array) []any {
	seen := map[any]bool{}
	ids := []any{}
	for index := range array.Len() {
		id := must.NotFail(array.Get(index))
		switch id.(type) {
		case string, types.ObjectID:
		default:
			return nil
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

var errUnbounded = errors.New("not a range of texts")

// boundsOf gives the first range of texts that a filter asks of a field that is searched by, or nothing.
func boundsOf(filter *types.Document) (string, []bound) {
	for _, field := range filter.Keys() {
		if !searched.MatchString(field) {
			continue
		}
		if bounds, err := readBounds(must.NotFail(filter.Get(field))); err == nil {
			return field, bounds
		}
	}
	return "", nil
}

func readBounds(condition any) ([]bound, error) {
	switch condition := condition.(type) {
	case string:
		return []bound{{"=", condition}}, nil
	case *types.Document:
		var bounds []bound
		for _, name := range condition.Keys() {
			text, isText := must.NotFail(condition.Get(name)).(string)
			operator, known := operators[name]
			if !isText || !known {
				return nil, errUnbounded
			}
			bounds = append(bounds, bound{operator, text})
		}
		if bounds != nil {
			return bounds, nil
		}
	}
	return nil, errUnbounded
}
