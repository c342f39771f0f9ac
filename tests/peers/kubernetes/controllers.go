package kubernetes

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/replicaset"
)

const (
	// resync is how often a controller looks again without a change.
	resync = 5 * time.Minute
	// rediscovery is how often the collector asks for new kinds of objects.
	rediscovery = 5 * time.Second
)

// newControllersCommand runs the part of kube-controller-manager without which nothing is
// deleted for good (owners, namespaces) and no Deployment has a status, and what makes the
// objects of absent controllers ready.
func newControllersCommand() *cobra.Command {
	var kubeconfig string
	command := &cobra.Command{
		Use:  "controllers",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			config.QPS, config.Burst = 200, 400
			return control(command.Context(), config)
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "the cluster, and how to reach it")
	return command
}

func control(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	meta, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	typed := informers.NewSharedInformerFactory(client, 0)
	all := informerfactory.NewInformerFactory(typed, metadatainformer.NewSharedInformerFactory(meta, 0))
	started := make(chan struct{})

	collector, err := newCollector(ctx, client, meta, all, started)
	if err != nil {
		return err
	}
	apps, pods := typed.Apps().V1(), typed.Core().V1().Pods()
	deployments, err := deployment.NewDeploymentController(ctx, apps.Deployments(), apps.ReplicaSets(), pods, client)
	if err != nil {
		return err
	}
	replicaSets := replicaset.NewReplicaSetController(ctx, apps.ReplicaSets(), pods, client, replicaset.BurstReplicas)
	namespaces := namespace.NewNamespaceController(ctx, client, meta, client.Discovery().ServerPreferredNamespacedResources,
		typed.Core().V1().Namespaces(), resync, v1.FinalizerKubernetes)

	go collector(ctx)
	go deployments.Run(ctx, 1)
	go replicaSets.Run(ctx, 1)
	go namespaces.Run(ctx, 1)
	all.Start(ctx.Done())
	close(started)
	return makeReady(ctx, config)
}

// newCollector returns the garbage collector as a function that runs it.
func newCollector(ctx context.Context, client kubernetes.Interface, meta metadata.Interface,
	all informerfactory.InformerFactory, started <-chan struct{},
) (func(context.Context), error) {
	kinds := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	collector, err := garbagecollector.NewGarbageCollector(ctx, client, meta, kinds,
		garbagecollector.DefaultIgnoredResources(), all, started)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		go wait.UntilWithContext(ctx, func(context.Context) { kinds.Reset() }, rediscovery)
		go collector.Run(ctx, 2, rediscovery)
		collector.Sync(ctx, client.Discovery(), rediscovery)
	}, nil
}
