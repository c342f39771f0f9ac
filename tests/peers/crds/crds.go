// Package crds answers what the API server of Kubernetes would say to objects that are created.
//
// Objects are read from stdin, one JSON document after another; the answer is a line for
// each, with all that the API server refuses in it. The work is done by the API server's
// own code: `k8s.io/apiextensions-apiserver` for kinds of the CRDs in the folders that are
// named, `k8s.io/kubernetes` for its own kinds. There is no storage, no admission webhook
// and no second object: whether a name is taken, or a reference leads anywhere, is not seen.
package crds

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A kind that the API server serves: what it finds wrong with an object of it.
type kind interface {
	create(text []byte, namespace string) []string
}

// An answer is one object's.
type answer struct {
	Object  string   `json:"object"`
	Refused []string `json:"refused"`
}

// Main is crd-validate: its words are the folders of CRDs.
func Main(args []string) int {
	flags := flag.NewFlagSet("crd-validate", flag.ExitOnError)
	namespace := flags.String("namespace", "", "where an object goes that names no namespace; without it one is refused")
	_ = flags.Parse(args) // it exits where it fails
	served, err := serve(flags.Args())
	if err == nil {
		err = answerAll(served, *namespace, os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return 0
}

func answerAll(served map[schema.GroupVersionKind]kind, namespace string, in io.Reader, out io.Writer) error {
	buffered := bufio.NewWriter(out)
	defer buffered.Flush()
	documents, answers := json.NewDecoder(in), json.NewEncoder(buffered)
	for {
		var text json.RawMessage
		if err := documents.Decode(&text); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(judge(served, namespace, text)); err != nil {
			return err
		}
	}
}

func judge(served map[schema.GroupVersionKind]kind, namespace string, text []byte) answer {
	var object unstructured.Unstructured
	if err := json.Unmarshal(text, &object.Object); err != nil {
		return answer{Refused: []string{err.Error()}}
	}
	group := object.GroupVersionKind()
	name := fmt.Sprintf("%s %s %s/%s", object.GetAPIVersion(), object.GetKind(), object.GetNamespace(), object.GetName())
	found, ok := served[group]
	if !ok {
		refusal := fmt.Sprintf("no matches for kind %q in version %q", object.GetKind(), object.GetAPIVersion())
		return answer{Object: name, Refused: []string{refusal}}
	}
	refused := found.create(text, namespace)
	if refused == nil {
		refused = []string{}
	}
	return answer{Object: name, Refused: refused}
}
