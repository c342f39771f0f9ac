// Package secrets makes of an ExternalSecret what External Secrets would make of it, with the
// project's own template library and a store that stdin describes.
//
// It reads {"externalSecret": ..., "store": {KEY: {PROPERTY: VALUE}}} and writes
// {"type": ..., "data": {...}}. It refuses what a store would: a key or property that is
// not there. Objects of dataFrom other than extract are not asked for by any test.
package secrets

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	esapi "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	"github.com/external-secrets/external-secrets/pkg/template/v2"
	corev1 "k8s.io/api/core/v1"
)

type question struct {
	ExternalSecret esapi.ExternalSecret         `json:"externalSecret"`
	Store          map[string]map[string]string `json:"store"`
}

type answer struct {
	Type corev1.SecretType `json:"type"`
	Data map[string]string `json:"data"`
}

// Main is secrets-template, which takes no words.
func Main([]string) int {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func run(in io.Reader, out io.Writer) error {
	var asked question
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		return err
	}
	values, err := fetch(asked.ExternalSecret.Spec, asked.Store)
	if err != nil {
		return err
	}
	secret := corev1.Secret{Type: corev1.SecretTypeOpaque, Data: values}
	if blueprint := asked.ExternalSecret.Spec.Target.Template; blueprint != nil {
		if secret, err = fill(blueprint, values); err != nil {
			return err
		}
	}
	told := answer{Type: secret.Type, Data: map[string]string{}}
	for key, value := range secret.Data {
		told.Data[key] = string(value)
	}
	return json.NewEncoder(out).Encode(told)
}

func fetch(spec esapi.ExternalSecretSpec, store map[string]map[string]string) (map[string][]byte, error) {
	values := map[string][]byte{}
	for _, from := range spec.DataFrom {
		if from.Extract == nil {
			return nil, fmt.Errorf("dataFrom is no extract")
		}
		kept, there := store[from.Extract.Key]
		if !there {
			return nil, fmt.Errorf("the store has no %s", from.Extract.Key)
		}
		for property, value := range kept {
			values[property] = []byte(value)
		}
	}
	for _, one := range spec.Data {
		value, there := store[one.RemoteRef.Key][one.RemoteRef.Property]
		if !there {
			return nil, fmt.Errorf("the store has no %s of %s", one.RemoteRef.Property, one.RemoteRef.Key)
		}
		values[one.SecretKey] = []byte(value)
	}
	return values, nil
}

func fill(blueprint *esapi.ExternalSecretTemplate, values map[string][]byte) (corev1.Secret, error) {
	secret := corev1.Secret{Type: blueprint.Type, Data: map[string][]byte{}}
	texts := map[string][]byte{}
	for key, text := range blueprint.Data {
		texts[key] = []byte(text)
	}
	err := template.Execute(texts, values, esapi.TemplateScopeValues, esapi.TemplateTargetData, &secret)
	return secret, err
}
