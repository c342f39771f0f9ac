package crds

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	api "k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
)

// A core kind is one of Kubernetes' own.
type core struct {
	strategy rest.RESTCreateStrategy
}

// decoder reads strictly, fills in defaults and converts to what the strategies take.
var decoder = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDecoder()

// coreKinds are those that charts, policies and files of a site may make for a worker.
func coreKinds() map[schema.GroupVersionKind]kind {
	named := func(group, version, name string) schema.GroupVersionKind {
		return schema.GroupVersionKind{Group: group, Version: version, Kind: name}
	}
	return map[schema.GroupVersionKind]kind{
		named("", "v1", "ConfigMap"):                          core{configmap.Strategy},
		named("", "v1", "Namespace"):                          core{namespace.Strategy},
		named("", "v1", "Secret"):                             core{secret.Strategy},
		named("", "v1", "Service"):                            core{service.Strategy},
		named("", "v1", "ServiceAccount"):                     core{serviceaccount.Strategy},
		named("apps", "v1", "Deployment"):                     core{deployment.Strategy},
		named("autoscaling", "v2", "HorizontalPodAutoscaler"): core{horizontalpodautoscaler.Strategy},
		named("networking.k8s.io", "v1", "NetworkPolicy"):     core{networkpolicy.Strategy},
		named("policy", "v1", "PodDisruptionBudget"):          core{poddisruptionbudget.Strategy},
	}
}

func (c core) create(text []byte, namespace string) []string {
	object, name, err := decoder.Decode(text, nil, nil)
	if err != nil {
		return []string{err.Error()}
	}
	// A Service's storage copies what a client may leave out, before it is checked.
	if found, ok := object.(*api.Service); ok && found.Spec.ClusterIP != "" {
		found.Spec.ClusterIPs = []string{found.Spec.ClusterIP}
	}
	return before(c.strategy, *name, object, namespace)
}

// before is all that happens to a new object before it is stored.
func before(strategy rest.RESTCreateStrategy, name schema.GroupVersionKind, object runtime.Object, namespace string) []string {
	metadata, err := meta.Accessor(object)
	if err != nil {
		return []string{err.Error()}
	}
	if strategy.NamespaceScoped() && metadata.GetNamespace() == "" {
		metadata.SetNamespace(namespace)
	}
	if strategy.NamespaceScoped() && metadata.GetNamespace() == "" {
		return []string{"no namespace: it would be made wherever the client happens to be"}
	}
	ctx := request.WithNamespace(context.Background(), metadata.GetNamespace())
	ctx = request.WithRequestInfo(ctx, creation(name))
	rest.FillObjectMetaSystemFields(metadata)
	return told(rest.BeforeCreate(strategy, ctx, object))
}

// creation is the request that brings an object of a kind.
func creation(name schema.GroupVersionKind) *request.RequestInfo {
	resource, _ := meta.UnsafeGuessKindToResource(name)
	return &request.RequestInfo{
		IsResourceRequest: true, Verb: "create",
		APIGroup: resource.Group, APIVersion: resource.Version, Resource: resource.Resource,
	}
}

// told gives each cause of an error by itself.
func told(err error) []string {
	var status apierrors.APIStatus
	if err == nil {
		return nil
	}
	if !errors.As(err, &status) || status.Status().Details == nil || len(status.Status().Details.Causes) == 0 {
		return []string{err.Error()}
	}
	var refused []string
	for _, cause := range status.Status().Details.Causes {
		refused = append(refused, cause.Field+": "+cause.Message)
	}
	return refused
}
