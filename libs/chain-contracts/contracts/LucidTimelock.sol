// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/**
 * Holds what was voted until its delay is over, then does it; all that governance may do, it does.
 *
 * The governor alone proposes, cancels and executes, and it takes delays and grace from ParamRegistry. Nobody administers the
 * timelock but itself, so its roles change by vote only.
 */
contract LucidTimelock is TimelockController {
    error DelaysAreInParamRegistry();
    error ZeroGovernor();

    /** `governor` is deployed later; its address is known before, from its deployer and nonce. */
    constructor(address governor) TimelockController(0, _only(governor), _only(governor), address(0)) {}

    function updateDelay(uint256) public pure override {
        revert DelaysAreInParamRegistry();
    }

    function _only(address account) private pure returns (address[] memory accounts) {
        if (account == address(0)) revert ZeroGovernor();
        accounts = new address[](1);
        accounts[0] = account;
    }
}
