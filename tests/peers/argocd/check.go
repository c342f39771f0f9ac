package argocd

import (
	"context"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/pkg/apiclient/version"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/types/known/emptypb"
)

func newCheckCommand() *cobra.Command {
	var (
		socket  string
		timeout time.Duration
	)
	command := &cobra.Command{
		Use:   "check",
		Short: "Ask a plugin server for its configuration, health, version and list of services",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(command.Context(), timeout)
			defer cancel()
			connection, err := apiclient.NewConnection(socket)
			if err != nil {
				return err
			}
			defer func() { _ = connection.Close() }()
			given := answer{}
			for name, ask := range checks {
				given[name] = asked(func() (answer, error) { return ask(ctx, connection) })
			}
			return given.write(command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&socket, "socket", "", "the plugin's socket")
	flags.DurationVar(&timeout, "timeout", patience, "the deadline of all calls")
	_ = command.MarkFlagRequired("socket")
	return command
}

var checks = map[string]func(context.Context, *grpc.ClientConn) (answer, error){
	"configuration": func(ctx context.Context, connection *grpc.ClientConn) (answer, error) {
		client := apiclient.NewConfigManagementPluginServiceClient(connection)
		response, err := client.CheckPluginConfiguration(ctx, &emptypb.Empty{})
		if err != nil {
			return nil, err
		}
		return answer{
			"isDiscoveryConfigured": response.IsDiscoveryConfigured,
			"provideGitCreds":       response.ProvideGitCreds,
		}, nil
	},
	"health": func(ctx context.Context, connection *grpc.ClientConn) (answer, error) {
		response, err := grpc_health_v1.NewHealthClient(connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		if err != nil {
			return nil, err
		}
		return answer{"status": response.Status.String()}, nil
	},
	"version": func(ctx context.Context, connection *grpc.ClientConn) (answer, error) {
		response, err := version.NewVersionServiceClient(connection).Version(ctx, &emptypb.Empty{})
		if err != nil {
			return nil, err
		}
		return answer{"version": response.Version}, nil
	},
	"reflection": services,
}

// services are those that reflection lists.
func services(ctx context.Context, connection *grpc.ClientConn) (answer, error) {
	stream, err := grpc_reflection_v1.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	if err != nil {
		return nil, err
	}
	err = stream.Send(&grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{},
	})
	if err != nil {
		return nil, err
	}
	response, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, one := range response.GetListServicesResponse().GetService() {
		names = append(names, one.Name)
	}
	return answer{"services": names}, stream.CloseSend()
}
