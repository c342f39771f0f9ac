package argocd

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// nullManifest is what the floor answers to everybody.
const nullManifest = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"null"}}`

func newNullCommand() *cobra.Command {
	var socket string
	command := &cobra.Command{
		Use:   "null",
		Short: "Serve a plugin that throws away what it is sent: the floor of a measurement",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			listener, err := net.Listen("unix", socket)
			if err != nil {
				return err
			}
			server := grpc.NewServer(
				grpc.MaxRecvMsgSize(apiclient.MaxGRPCMessageSize),
				grpc.MaxSendMsgSize(apiclient.MaxGRPCMessageSize),
			)
			apiclient.RegisterConfigManagementPluginServiceServer(server, &nullServer{})
			return server.Serve(listener)
		},
	}
	command.Flags().StringVar(&socket, "socket", "", "where to listen")
	_ = command.MarkFlagRequired("socket")
	return command
}

// nullServer refuses the methods that no named plugin without discovery is asked.
type nullServer struct {
	apiclient.UnimplementedConfigManagementPluginServiceServer
}

func (*nullServer) CheckPluginConfiguration(context.Context, *emptypb.Empty) (*apiclient.CheckPluginConfigurationResponse, error) {
	return &apiclient.CheckPluginConfigurationResponse{}, nil
}

func (*nullServer) GenerateManifest(stream apiclient.ConfigManagementPluginService_GenerateManifestServer) error {
	for {
		_, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&apiclient.ManifestResponse{Manifests: []string{nullManifest}})
		}
		if err != nil {
			return err
		}
	}
}
