#include "daemon/overlay/config.hpp"

namespace zel::overlay {

// Timeouts are memberlist's for the same three distances; suspicion is shorter near by, since the accused is
// told at every probe timeout and news of it is told at once. What is not named here is the same everywhere.

Config Config::local() {
  Config config;
  config.probe_interval = ms(500);
  config.probe_timeout = ms(200);
  config.indirect_probes = 1;
  config.confirmations = 1;
  config.suspicion_multiplier = 3;
  config.retransmit_multiplier = 2;
  config.gossip_timeout = ms(200);
  return config;
}

Config Config::lan() { return Config(); }

Config Config::wan() {
  Config config;
  config.probe_interval = ms(5000);
  config.probe_timeout = ms(3000);
  config.suspicion_multiplier = 6;
  config.confirmations = 3;
  config.gossip_timeout = ms(3000);
  config.reconnect_interval = ms(10'000);
  return config;
}

}  // namespace zel::overlay
