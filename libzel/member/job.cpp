#include "zel/job.hpp"

#include "libzel/member/job_state.hpp"

namespace zel {

Job::Job() : state_(std::make_unique<detail::JobState>()) {}
Job::~Job() = default;

int Job::rank() const { return state_->rank(); }
int Job::size() const { return state_->size(); }
int Job::local_rank() const { return static_cast<int>(state_->welcome().local_rank); }
int Job::local_size() const { return static_cast<int>(state_->welcome().local_size); }
int Job::cores() const { return static_cast<int>(state_->welcome().cores); }
const std::string& Job::node() const { return state_->welcome().node; }
const std::string& Job::id() const { return state_->welcome().job; }
Membership& Job::membership() { return state_->public_membership(); }
Messages& Job::messages() { return state_->public_messages(); }
detail::JobState& Job::state() { return *state_; }

}  // namespace zel
