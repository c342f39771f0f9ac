// What the sites of Rackspace's dev halls have in common beyond their environment.
{
  profile(name):: {
    apiVersion: 'site-cmp/v1',
    kind: 'SiteProfile',
    metadata: { name: name },
    environment: 'dev',
    cluster_server: 'https://%s.example.net:6443' % name,
    understack_ref: '2026.8.0',
    deploy_url: 'https://git.example.net/site-profiles.git',
    deploy_path_prefix: 'sites',
    appLabels: {
      'understack.rackspace.com/partition': 'dev',
      'understack.rackspace.com/site': name,
    },
    site: { enabled: true },
  },

  // A worker with a replica for each of its racks, up to three.
  worker(racks):: {
    site+: {
      nautobot_worker: {
        enabled: true,
        policies: {
          'nautobot-worker': {
            replicas: std.clamp(std.length(racks), 1, 3),
            extraQueues: ['rack-' + rack for rack in racks],
          },
        },
      },
    },
  },
}
