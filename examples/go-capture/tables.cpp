// Why: see tables.hpp.
#include "tables.hpp"

#include <memory>

namespace capture {

Table& table_for(const Position& position, std::uint32_t mib) {
  struct Kept {
    Board board;
    Suicide suicide;
    std::uint32_t mib;
    Table table;
  };
  thread_local std::unique_ptr<Kept> kept;
  if (!kept || kept->board != position.board || kept->suicide != position.suicide || kept->mib != mib) {
    kept.reset();  // never two tables at a time
    kept = std::make_unique<Kept>(Kept{position.board, position.suicide, mib, Table(std::size_t{mib} << 20)});
  }
  return kept->table;
}

}  // namespace capture
