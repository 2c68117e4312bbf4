// Why: a running node is files in a directory: two sockets, a lock, its key. This makes them so that nobody
// else can get at them, keeps a second node out, takes over from one that crashed, and leaves only the key.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "wire/overlay.hpp"

namespace zel::io {

class RuntimeDirectory {
 public:
  /// Makes `path` (absolute; mode 0700, its parents too) if it is not there, and locks it for this process.
  /// `registry` is the folder of links by which addresses lead to directories.
  /// Errors: refused: somebody else's, open to others, or a node runs here; bad_option: too long for sockets.
  static base::Result<RuntimeDirectory> open(const std::string& path, const std::string& registry);
  RuntimeDirectory(RuntimeDirectory&&) noexcept = default;
  RuntimeDirectory& operator=(RuntimeDirectory&&) = delete;
  /// Removes what open() and enter() made, and the directories that are empty then.
  ~RuntimeDirectory();

  const std::string& path() const { return path_; }
  std::string run_socket() const;
  std::string admin_socket() const;
  /// Stays when the node ends, so that it is the same node when it starts again.
  std::string key_file() const { return path_ + "/identity.key"; }
  /// Where a detached node logs; removed when the node ends well.
  std::string log_file() const { return path_ + "/zeld.log"; }

  /// Lets programs of this user find the node by these addresses, and removes links of nodes that are gone.
  base::Result<void> enter(const std::vector<wire::overlay::Address>& addresses);

 private:
  RuntimeDirectory(std::string path, std::string registry, base::UniqueFd lock);

  std::string path_;
  std::string registry_;
  base::UniqueFd lock_;
  std::vector<std::string> links_;
};

/// The pid of the node that runs in this directory, or 0. Does not wait.
int node_running_in(const std::string& path);

}  // namespace zel::io
