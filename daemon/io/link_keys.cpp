#include "daemon/io/link_keys.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "base/unique_fd.hpp"

namespace zel::io {

namespace {

constexpr std::string_view node_line = "zel-node-key-1 ";
constexpr std::string_view realm_line = "zel-realm-key-1 ";
constexpr std::size_t hex_digits = 64;

void prepare_sodium() {
  if (::sodium_init() < 0) std::abort();  // no source of randomness: nothing can be kept secret
}

base::Result<SecretBytes> read_secret(const base::UniqueFd& file, const std::string& path,
                                      std::string_view line) {
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return base::fail_errno("reading " + path, errno);
  if (about.st_uid != ::geteuid()) {
    return base::fail(base::Errc::refused,
                      path + " belongs to somebody else; a secret key must be your own file");
  }
  if ((about.st_mode & 077) != 0) {
    return base::fail(base::Errc::refused,
                      path +
                          " can be read or written by others; a secret key must have mode "
                          "0600 (chmod 600 it if nobody has read it, else remove it)");
  }
  std::array<char, 256> text;
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return base::fail_errno("reading " + path, errno);
  const std::string_view all(text.data(), static_cast<std::size_t>(got));
  SecretBytes secret;
  std::size_t size = 0;
  const char* end = nullptr;
  const bool good = all.size() == line.size() + hex_digits + 1 && all.starts_with(line) &&
                    all.back() == '\n' &&
                    ::sodium_hex2bin(secret.data(), secret.size(), all.data() + line.size(), hex_digits,
                                     nullptr, &size, &end) == 0 &&
                    size == secret.size();
  if (!good) {
    return base::fail(base::Errc::bad_message,
                      path + " is not a key file of zel (\"" + std::string(line) +
                          "\" and 64 hexadecimal digits); remove it to have a new one made");
  }
  return secret;
}

std::string key_text(std::string_view line, const SecretBytes& secret) {
  std::array<char, hex_digits + 1> hex;
  ::sodium_bin2hex(hex.data(), hex.size(), secret.data(), secret.size());
  return std::string(line) + hex.data() + '\n';
}

base::Result<void> write_once(const std::string& path, const std::string& text) {
  const std::string fresh =
      path + ".new." + std::to_string(::getpid()) + "." + std::to_string(::randombytes_random());
  {
    base::UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return base::fail_errno("making " + fresh, errno);
    const bool written = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fsync(file.get()) == 0;
    const int error = errno;
    if (!written) {
      ::unlink(fresh.c_str());
      return base::fail_errno("writing " + fresh, error);
    }
  }
  // link, unlike rename, does not replace what another process has put there in the meantime.
  const int linked = ::link(fresh.c_str(), path.c_str());
  const int error = errno;
  ::unlink(fresh.c_str());
  if (linked != 0 && error != EEXIST) return base::fail_errno("making " + path, error);
  return {};
}

base::Result<SecretBytes> load_or_create(const std::string& path, std::string_view line) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file) return read_secret(file, path, line);
    if (errno != ENOENT) return base::fail_errno("opening " + path, errno);
    SecretBytes secret;
    ::randombytes_buf(secret.data(), secret.size());
    if (auto written = write_once(path, key_text(line, secret)); !written)
      return tl::unexpected(written.error());
  }
  return base::fail(base::Errc::system, path + " was removed while it was being made");
}

LinkKeys pair_of(const SecretBytes& secret) {
  LinkKeys keys{{}, secret};
  ::crypto_scalarmult_base(keys.id.bytes.data(), secret.data());
  return keys;
}

}  // namespace

LinkKeys new_link_keys() {
  prepare_sodium();
  LinkKeys keys;
  ::crypto_box_keypair(keys.id.bytes.data(), keys.secret.data());
  return keys;
}

RealmKey new_realm_key() {
  prepare_sodium();
  RealmKey realm;
  ::randombytes_buf(realm.secret.data(), realm.secret.size());
  return realm;
}

base::Result<LinkKeys> load_or_create_link_keys(const std::string& path) {
  prepare_sodium();
  return load_or_create(path, node_line).map([](const SecretBytes& secret) { return pair_of(secret); });
}

base::Result<RealmKey> load_or_create_realm_key(const std::string& path) {
  prepare_sodium();
  return load_or_create(path, realm_line).map([](const SecretBytes& secret) { return RealmKey{secret}; });
}

LinkKeys answering_keys(const RealmKey& realm) {
  prepare_sodium();
  static constexpr std::string_view purpose = "zel link answering key 1";
  SecretBytes seed;
  ::crypto_generichash(seed.data(), seed.size(), reinterpret_cast<const unsigned char*>(purpose.data()),
                       purpose.size(), realm.secret.data(), realm.secret.size());
  LinkKeys keys;
  ::crypto_box_seed_keypair(keys.id.bytes.data(), keys.secret.data(), seed.data());
  ::sodium_memzero(seed.data(), seed.size());
  return keys;
}

}  // namespace zel::io
