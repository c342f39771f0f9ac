package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// look is how often objects are looked at that nobody has made ready.
const look = time.Second

// standIns says what makes an object of a kind ready: the conditions that its own controller
// would set. Kubelet stands for itself: its pods run too.
var standIns = []struct {
	resource   schema.GroupVersionResource
	conditions []string
	phase      string
}{
	{schema.GroupVersionResource{Version: "v1", Resource: "pods"}, []string{"Ready"}, "Running"},
	{schema.GroupVersionResource{Group: "cert-manager.io", Version: "v1", Resource: "certificates"}, []string{"Ready"}, ""},
	{schema.GroupVersionResource{Group: "cert-manager.io", Version: "v1", Resource: "issuers"}, []string{"Ready"}, ""},
	{schema.GroupVersionResource{Group: "external-secrets.io", Version: "v1", Resource: "externalsecrets"}, []string{"Ready"}, ""},
	{schema.GroupVersionResource{Group: "external-secrets.io", Version: "v1alpha1", Resource: "pushsecrets"}, []string{"Ready"}, ""},
	{schema.GroupVersionResource{Group: "gateway.networking.k8s.io", Version: "v1", Resource: "gateways"}, []string{"Accepted", "Programmed"}, ""},
}

// makeReady sets the status of all that has none, until the context ends.
func makeReady(ctx context.Context, config *rest.Config) error {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	for {
		for _, standIn := range standIns {
			err := makeAllReady(ctx, client.Resource(standIn.resource), standIn.conditions, standIn.phase)
			if err != nil && ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, standIn.resource.Resource, err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(look):
		}
	}
}

func makeAllReady(ctx context.Context, client dynamic.NamespaceableResourceInterface, conditions []string, phase string) error {
	objects, err := client.List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if apierrors.IsNotFound(err) {
		return nil // The cluster does not have the kind.
	}
	if err != nil {
		return err
	}
	for _, object := range objects.Items {
		if isReady(object, conditions) {
			continue
		}
		status, err := json.Marshal(map[string]any{"status": ready(object.GetGeneration(), conditions, phase)})
		if err != nil {
			return err
		}
		_, err = client.Namespace(object.GetNamespace()).Patch(ctx, object.GetName(), types.MergePatchType, status, metav1.PatchOptions{}, "status")
		if err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}

// isReady also tells from conditions that a kind has by default, with the status Unknown.
func isReady(object unstructured.Unstructured, conditions []string) bool {
	there, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	good := 0
	for _, condition := range there {
		fields, _ := condition.(map[string]any)
		kind, _ := fields["type"].(string)
		if fields["status"] == string(metav1.ConditionTrue) && slices.Contains(conditions, kind) {
			good++
		}
	}
	return good == len(conditions)
}

func ready(generation int64, conditions []string, phase string) map[string]any {
	now := metav1.Now()
	var all []any
	for _, condition := range conditions {
		all = append(all, map[string]any{
			"type": condition, "status": "True", "reason": "StandIn", "message": "nobody looked",
			"lastTransitionTime": now, "observedGeneration": generation,
		})
	}
	status := map[string]any{"conditions": all}
	if phase != "" {
		status["phase"] = phase
	}
	return status
}
