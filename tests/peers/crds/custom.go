package crds

import (
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/crdserverscheme"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/registry/rest"
	kjson "sigs.k8s.io/json"
)

// A custom is one served version of a kind that a CRD defines.
type custom struct {
	schema   *structural.Structural
	strategy rest.RESTCreateStrategy
}

// serve gives the API server's own kinds and those of the CRDs in these folders. A kind that
// two folders define is an error: which of them was meant?
func serve(folders []string) (map[schema.GroupVersionKind]kind, error) {
	served := coreKinds()
	scheme := runtime.NewScheme()
	install.Install(scheme)
	decoder := serializer.NewCodecFactory(scheme).UniversalDecoder(v1.SchemeGroupVersion)
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("%s: no CRDs (%v)", folder, err)
		}
		for _, file := range files {
			if err := add(served, file, decoder); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return served, nil
}

// add takes the served versions of a CRD, as the API server's handler does
// (apiserver/customresource_handler.go, getOrCreateServingInfoFor).
func add(served map[schema.GroupVersionKind]kind, file string, decoder runtime.Decoder) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	crd := &v1.CustomResourceDefinition{}
	if _, _, err := decoder.Decode(text, nil, crd); err != nil {
		return err
	}
	for _, version := range crd.Spec.Versions {
		name := schema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}
		if !version.Served {
			continue
		}
		if _, twice := served[name]; twice {
			return fmt.Errorf("%s is defined twice", name)
		}
		found, err := newCustom(crd, version, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		served[name] = found
	}
	return nil
}

func newCustom(crd *v1.CustomResourceDefinition, version v1.CustomResourceDefinitionVersion, name schema.GroupVersionKind) (*custom, error) {
	internal := &apiextensions.CustomResourceValidation{}
	if err := v1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version.Schema, internal, nil); err != nil {
		return nil, err
	}
	found, err := structural.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	var status *apiextensions.CustomResourceSubresourceStatus
	if version.Subresources != nil && version.Subresources.Status != nil {
		status = &apiextensions.CustomResourceSubresourceStatus{}
	}
	strategy := customresource.NewStrategy(
		crdserverscheme.NewUnstructuredObjectTyper(), crd.Spec.Scope == v1.NamespaceScoped, name,
		validator, nil, found, status, nil, version.SelectableFields,
	)
	return &custom{schema: found, strategy: strategy}, nil
}

// create reads an object strictly, as a request with fieldValidation=Strict: unknown fields
// are told and not only dropped. Then come defaults, and the strategy's checks.
func (c *custom) create(text []byte, namespace string) []string {
	object := &unstructured.Unstructured{Object: map[string]any{}}
	twice, err := kjson.UnmarshalStrict(text, &object.Object)
	if err != nil {
		return []string{err.Error()}
	}
	var refused []string
	for _, err := range twice {
		refused = append(refused, err.Error())
	}
	unknown, err := c.coerce(object)
	if err != nil {
		return append(refused, err.Error())
	}
	for _, path := range unknown {
		refused = append(refused, fmt.Sprintf("unknown field %q", path))
	}
	defaulting.Default(object.Object, c.schema)
	return append(refused, before(c.strategy, object.GroupVersionKind(), object, namespace)...)
}

// coerce brings an object into the schema's form, and gives the fields that it does not know.
func (c *custom) coerce(object *unstructured.Unstructured) ([]string, error) {
	version, kind := object.GetAPIVersion(), object.GetKind()
	metadata, there, unknown, err := objectmeta.GetObjectMetaWithOptions(object.Object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return nil, err
	}
	track := structural.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown = append(unknown, pruning.PruneWithOptions(object.Object, c.schema, true, track)...)
	defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, c.schema)
	wrong, more := objectmeta.CoerceWithOptions(nil, object.Object, c.schema, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if wrong != nil {
		return nil, wrong
	}
	object.SetAPIVersion(version)
	object.SetKind(kind)
	if there {
		err = objectmeta.SetObjectMeta(object.Object, metadata)
	}
	return append(unknown, more...), err
}
