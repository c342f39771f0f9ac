package argocd

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// application is an Application's source, and the repo-server that is asked for it.
type application struct {
	address   string
	name      string
	repo      string
	revision  string
	path      string
	plugin    string
	hasPlugin bool
	helm      string
	params    []string
	env       []string
	cache     bool
	timeout   time.Duration
}

func (a *application) addFlags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&a.address, "address", "", "the repo-server, as HOST:PORT")
	flags.StringVar(&a.name, "app", "demo", "the Application's name")
	flags.StringVar(&a.repo, "repo", "", "the Git repo: a path or a URL")
	flags.StringVar(&a.revision, "revision", "HEAD", "the revision")
	flags.StringVar(&a.path, "path", ".", "the Application's folder in the repo")
	flags.StringVar(&a.plugin, "plugin", "", "the plugin's name; empty for `plugin: {}`, not given for no section")
	flags.StringVar(&a.helm, "helm", "", "the helm section as JSON; a field that Argo CD does not know is refused")
	flags.StringArrayVar(&a.params, "param", nil, `a plugin parameter as JSON, such as {"name":"site","string":"x"}`)
	flags.StringArrayVar(&a.env, "plugin-env", nil, "a variable NAME=VALUE of the plugin section")
	flags.BoolVar(&a.cache, "cache", false, "take manifests and revisions from repo-server's cache")
	flags.DurationVar(&a.timeout, "timeout", patience, "the deadline of the call")
	_ = command.MarkFlagRequired("address")
	_ = command.MarkFlagRequired("repo")
	command.PreRun = func(command *cobra.Command, _ []string) {
		a.hasPlugin = command.Flags().Changed("plugin")
	}
}

func (a *application) repository() *v1alpha1.Repository {
	url := a.repo
	if strings.HasPrefix(url, "/") {
		url = "file://" + url
	}
	return &v1alpha1.Repository{Repo: url}
}

func (a *application) source() (*v1alpha1.ApplicationSource, error) {
	source := &v1alpha1.ApplicationSource{
		RepoURL:        a.repository().Repo,
		Path:           a.path,
		TargetRevision: a.revision,
	}
	if a.helm != "" {
		decoder := json.NewDecoder(strings.NewReader(a.helm))
		decoder.DisallowUnknownFields()
		source.Helm = &v1alpha1.ApplicationSourceHelm{}
		if err := decoder.Decode(source.Helm); err != nil {
			return nil, fmt.Errorf("the helm section: %w", err)
		}
	}
	if !a.hasPlugin {
		return source, nil
	}
	source.Plugin = &v1alpha1.ApplicationSourcePlugin{Name: a.plugin}
	for _, text := range a.params {
		var param v1alpha1.ApplicationSourcePluginParameter
		if err := json.Unmarshal([]byte(text), &param); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", text, err)
		}
		source.Plugin.Parameters = append(source.Plugin.Parameters, param)
	}
	for _, text := range a.env {
		name, value, _ := strings.Cut(text, "=")
		source.Plugin.Env = append(source.Plugin.Env, &v1alpha1.EnvEntry{Name: name, Value: value})
	}
	return source, nil
}

// ask calls a repo-server under the deadline of the flags.
func (a *application) ask(ctx context.Context, call func(context.Context, apiclient.RepoServerServiceClient) (answer, error)) (answer, error) {
	connection, err := grpc.NewClient(a.address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(apiclient.MaxGRPCMessageSize)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	client := apiclient.NewRepoServerServiceClient(connection)
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	return asked(func() (answer, error) { return call(ctx, client) }), nil
}
