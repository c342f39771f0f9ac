package oracle

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	goyaml "go.yaml.in/yaml/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// A reading of a file. Go reads one document of each piece between lines of `---`, and does not
// look at what follows in the piece: rest has the error of the first such part that is invalid.
type reading struct {
	Value any    `json:"value"`
	Rest  string `json:"rest"`
}

// Reads a values file as Helm's LoadValues does, with two differences: a document need not be a
// mapping, and numbers keep their digits.
func readYAML(file []byte) ([]byte, error) {
	if len(file) > 0 && file[len(file)-1] != '\n' {
		file = append(file, '\n')
	}
	var all reading
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(file)))
	for {
		raw, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return json.Marshal(all)
		}
		if err != nil {
			return nil, err
		}
		next, err := readDocument(raw)
		if err != nil {
			return nil, err
		}
		all.Value = mergeDocuments(all.Value, next)
		if all.Rest == "" {
			all.Rest = restError(raw)
		}
	}
}

// Reads all documents of a piece and returns the error of one that Helm does not look at.
func restError(piece []byte) string {
	documents := goyaml.NewDecoder(bytes.NewReader(piece))
	for {
		var ignored any
		err := documents.Decode(&ignored)
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			return err.Error()
		}
	}
}

func readDocument(raw []byte) (any, error) {
	text, err := yaml.YAMLToJSON(raw)
	if err != nil {
		return nil, err
	}
	return decode(text)
}

func mergeDocuments(below, above any) any {
	lower, isMap := below.(map[string]any)
	upper, areMaps := above.(map[string]any)
	if isMap && areMaps {
		return loader.MergeMaps(lower, upper)
	}
	if above == nil {
		return below
	}
	return above
}

// Reads JSON as Go does, into doubles, and writes it again.
func readJSON(text []byte) ([]byte, error) {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// Reads one JSON value and keeps the digits of numbers.
func decode(text []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

// Reads a question of two values.
func decodePair(question []byte) (below, above any, err error) {
	value, err := decode(question)
	if err != nil {
		return nil, nil, err
	}
	pair, _ := value.([]any)
	if len(pair) != 2 {
		return nil, nil, fmt.Errorf("the question is no list of two values")
	}
	return pair[0], pair[1], nil
}
