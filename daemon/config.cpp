#include "daemon/config.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "wire/address.hpp"
#include "wire/schedule.hpp"

namespace zel::daemon {

namespace {

using wire::overlay::Address;

constexpr std::size_t max_peers = 64;

base::Result<void> wrong(const Entry& entry, const std::string& text) {
  return base::fail(base::Errc::bad_option, entry.place + ": " + text);
}
base::Result<void> needs(const Entry& entry, const std::string& what, const std::string& word) {
  return wrong(entry, "it needs " + what + ", not '" + word + "'");
}

/// No word of people's may break a table or a list of names.
bool is_plain(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127 && c != ',' && c != ':'; });
}

base::Result<void> read_name(const Entry& entry, const std::string& word, std::string& name) {
  const auto most = wire::overlay::max_name_bytes;
  if (word.empty() || word.size() > most || !is_plain(word)) {
    return needs(entry, "a name of up to " + std::to_string(most) + " letters, digits and signs but ',' and ':'", word);
  }
  name = word;
  return {};
}

base::Result<void> read_addresses(const Entry& entry, const wire::AddressDefaults& defaults, std::size_t most,
                                  std::vector<Address>& addresses) {
  if (entry.words.size() > most) return wrong(entry, "at most " + std::to_string(most) + " addresses");
  for (const std::string& word : entry.words) {
    const auto address = wire::parse_address(word, defaults);
    if (!address) return wrong(entry, "'" + word + "': " + address.error().text);
    if (std::find(addresses.begin(), addresses.end(), *address) != addresses.end()) continue;
    addresses.push_back(*address);
  }
  return {};
}

base::Result<void> read_cores(const Entry& entry, const std::string& word, std::uint32_t& cores) {
  std::uint32_t number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || stop != end || number < 1 || number > wire::overlay::max_cores) {
    return needs(entry, "a number from 1 to " + std::to_string(wire::overlay::max_cores), word);
  }
  cores = number;
  return {};
}

base::Result<void> read_labels(const Entry& entry, std::vector<std::string>& labels) {
  if (entry.words.size() > wire::schedule::max_labels) {
    return wrong(entry, "at most " + std::to_string(wire::schedule::max_labels) + " labels");
  }
  for (const std::string& word : entry.words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || word.size() > wire::schedule::max_label_bytes || !is_plain(word)) {
      return needs(entry, "KEY=VALUE of up to " + std::to_string(wire::schedule::max_label_bytes) + " plain letters", word);
    }
    const std::string key = word.substr(0, equals + 1);
    for (const std::string reserved : {"memory=", "disk=", "arch=", "os="}) {
      if (key == reserved) return wrong(entry, "'" + word + "': every node knows its own " + key.substr(0, equals) + "; leave it out");
    }
    std::erase_if(labels, [&](const std::string& other) { return other.starts_with(key); });  // the last one counts
    labels.push_back(word);
  }
  return {};
}

template <class T>
base::Result<void> choose(const Entry& entry, const std::string& word, T& target,
                          const std::vector<std::pair<std::string, T>>& choices) {
  std::string all;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].first == word) {
      target = choices[i].second;
      return {};
    }
    all += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i].first;
  }
  return needs(entry, all, word);
}

base::Result<void> read_path(const Entry& entry, const std::string& word, std::string& path) {
  if (word.empty() || word.find('\0') != std::string::npos) return needs(entry, "a path", word);
  path = word;
  return {};
}

base::Result<void> read(const Entry& entry, Configuration& to) {
  const std::string word = entry.words.empty() ? std::string() : entry.words.back();
  switch (entry.id) {
    case Setting::name: return read_name(entry, word, to.name);
    case Setting::listen:
      if (entry.words == std::vector<std::string>{"none"}) {
        to.listens = false;
        return {};
      }
      return read_addresses(entry, {"0.0.0.0", wire::default_port, true}, wire::overlay::max_addresses, to.listen);
    case Setting::peers: return read_addresses(entry, {"", wire::default_port, false}, max_peers, to.peers);
    case Setting::cores: return read_cores(entry, word, to.cores);
    case Setting::labels: return read_labels(entry, to.labels);
    case Setting::runtime_directory: return read_path(entry, word, to.runtime_directory);
    case Setting::preset:
      return choose<Preset>(entry, word, to.preset, {{"local", Preset::local}, {"lan", Preset::lan}, {"wan", Preset::wan}});
    case Setting::realm_key: return read_path(entry, word, to.realm_key_file);
    case Setting::log_level:
      return choose<LogLevel>(entry, word, to.log_level,
                              {{"trace", LogLevel::trace}, {"debug", LogLevel::debug}, {"info", LogLevel::info},
                               {"warn", LogLevel::warn}, {"error", LogLevel::error}});
    case Setting::log_format:
      return choose<LogFormat>(entry, word, to.log_format, {{"text", LogFormat::text}, {"json", LogFormat::json}});
    case Setting::log_file: return read_path(entry, word, to.log_file);
  }
  return {};
}

}  // namespace

base::Result<Configuration> make_configuration(const Entries& entries) {
  Configuration configuration;
  for (const Entry& entry : entries) {
    if (auto done = read(entry, configuration); !done) return tl::unexpected(done.error());
  }
  if (!configuration.listens && configuration.peers.empty()) {
    return base::fail(base::Errc::bad_option, "a node that listens nowhere (--listen none) must be told of another: give --peer");
  }
  for (const auto& peer : configuration.peers) {
    if (wire::is_wildcard(peer)) {
      return base::fail(base::Errc::bad_option, "a peer at " + wire::text_of(peer) + ": that is no address of a node; give the one it is reached at");
    }
  }
  return configuration;
}

}  // namespace zel::daemon
