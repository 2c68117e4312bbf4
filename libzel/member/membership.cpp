#include "zel/membership.hpp"

#include "libzel/member/membership_state.hpp"

namespace zel {

Membership::Membership(std::shared_ptr<detail::MembershipState> state) : state_(std::move(state)) {}
Membership::~Membership() = default;

std::vector<Event> Membership::poll() { return state_->poll(); }
std::optional<Event> Membership::wait(Milliseconds limit) { return state_->wait(limit); }
std::vector<int> Membership::present() const { return state_->present(); }
bool Membership::is_present(int rank) const { return state_->is_present(rank); }
std::uint64_t Membership::sequence() const { return state_->sequence(); }
int Membership::elect(std::string_view name, Milliseconds limit) { return state_->elect(name, limit); }
std::optional<int> Membership::holder(std::string_view name) const { return state_->holder(name); }
void Membership::signal(const std::vector<int>& ranks, std::string_view text) { state_->signal(ranks, text); }
void Membership::wait_closed(Milliseconds limit) { state_->wait_closed(limit); }
bool Membership::closed() const { return state_->closed(); }
void Membership::terminate() { state_->terminate(); }
bool Membership::terminated() const { return state_->terminated(); }

}  // namespace zel
