// Why: a note that is taken down too early makes a member wait for ever; one that is never taken down stops the next.
#include "libzel/net/board.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "base/unique_fd.hpp"

namespace zel::net {
namespace {

Segment make_segment() {
  const std::uint64_t bytes = segment_bytes_for(4);
  const base::UniqueFd fd(::memfd_create("board-test", MFD_CLOEXEC));
  if (::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) std::abort();
  return Segment::map(fd.get(), bytes).value();
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }
constexpr auto nobody_gone = [](int) { return false; };
const std::vector<int> pair{0, 1};
const std::vector<int> others{0, 2};
constexpr int pair_tag = 7;
constexpr int others_tag = 8;

class BoardTest : public testing::Test {
 protected:
  std::string read(const Board& board, int rank, int tag, std::uint64_t operation) {
    std::array<std::byte, max_note_bytes> into;
    const auto bytes = board.read(rank, Board::key_of(tag, operation), into);
    if (!bytes) return "(none)";
    return {reinterpret_cast<const char*>(into.data()), *bytes};
  }

  Segment segment_ = make_segment();
  Board first_{segment_, 0};
  Board second_{segment_, 1};
  Board third_{segment_, 2};
};

TEST_F(BoardTest, ANoteIsThereForItsOperationOnly) {
  first_.pin(pair_tag, 5, pair, bytes_of("five"));
  EXPECT_EQ(read(second_, 0, pair_tag, 5), "five");
  EXPECT_EQ(read(second_, 0, pair_tag, 4), "(none)");
  EXPECT_EQ(read(second_, 0, pair_tag, 6), "(none)");
  EXPECT_EQ(read(second_, 0, others_tag, 5), "(none)");
  EXPECT_EQ(read(second_, 1, pair_tag, 5), "(none)");
}

TEST_F(BoardTest, AnEmptyNoteAndALongOneThatIsCutAreTold) {
  first_.pin(pair_tag, 0, pair, {});
  EXPECT_TRUE(second_.there(0, Board::key_of(pair_tag, 0)));
  EXPECT_EQ(read(second_, 0, pair_tag, 0), "");
  first_.pin(pair_tag, 1, pair, bytes_of("much too long"));
  std::array<std::byte, 4> small;
  EXPECT_EQ(second_.read(0, Board::key_of(pair_tag, 1), small), 13u);
  EXPECT_EQ(std::memcmp(small.data(), "much", 4), 0);
}

TEST_F(BoardTest, WithinAGroupPlacesAreUsedInTurnWithoutALook) {
  for (std::uint64_t operation = 0; operation < 5; ++operation) {
    EXPECT_FALSE(first_.place_taken(pair_tag, nobody_gone));
    first_.pin(pair_tag, operation, pair, bytes_of(std::to_string(operation)));
    second_.pin(pair_tag, operation, pair, {});
    EXPECT_EQ(read(second_, 0, pair_tag, operation), std::to_string(operation));
    if (operation > 0) {
      EXPECT_EQ(read(second_, 0, pair_tag, operation - 1), std::to_string(operation - 1));
    }
    first_.done();
    second_.done();
  }
}

TEST_F(BoardTest, ANoteStaysWhileAMemberOfAnotherGroupMayReadIt) {
  first_.pin(pair_tag, 0, pair, bytes_of("for the pair"));
  second_.pin(pair_tag, 0, pair, {});
  first_.done();
  first_.pin(others_tag, 0, others, {});
  third_.pin(others_tag, 0, others, {});
  first_.done();
  third_.done();
  EXPECT_TRUE(first_.place_taken(others_tag, nobody_gone)) << "rank 1 has not read yet";
  EXPECT_FALSE(first_.place_taken(others_tag, [](int rank) { return rank == 1; })) << "and never will";
  EXPECT_EQ(read(second_, 0, pair_tag, 0), "for the pair");
  second_.done();
  EXPECT_FALSE(first_.place_taken(others_tag, nobody_gone));
}

TEST_F(BoardTest, WhoHasGoneOnDoesNotReadOldNotes) {
  first_.pin(pair_tag, 0, pair, {});
  second_.pin(pair_tag, 0, pair, {});
  second_.done();
  for (std::uint64_t operation = 1; operation < 4; ++operation) {
    second_.pin(pair_tag, operation, pair, {});
    if (operation < 3) second_.done();
  }
  first_.done();
  EXPECT_FALSE(first_.place_taken(others_tag, nobody_gone));
}

TEST_F(BoardTest, KeysOfOperationsWrapWithoutBeingZero) {
  EXPECT_NE(Board::key_of(0, 0), 0u);
  EXPECT_NE(Board::key_of(1, (std::uint64_t{1} << 33) - 1), 0u);
  EXPECT_NE(Board::key_of(1, 3), Board::key_of(2, 3));
}

}  // namespace
}  // namespace zel::net
